use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, ADDED).await?;
        let (renamed, change) = ("edits_not_renamed", format!("UPDATE OF {KEPT}"));
        dialect::permanent_unless(manager, "edits", renamed, &change, "1 = 0").await?;
        dialect::run(manager, DROPPED).await
    }
}

const ADDED: &[&str] = &[
    // What of what an edit added points have paid that had paid for what it took away. Of an edit
    // from before it is nothing: what it added was paid for in money.
    "ALTER TABLE edits ADD COLUMN paid_points BIGINT NOT NULL DEFAULT 0 CHECK (paid_points >= 0)",
    "ALTER TABLE edits ADD COLUMN paid_minor BIGINT NOT NULL DEFAULT 0 CHECK (paid_minor >= 0)",
];

/// Points that have paid are given back by what each part of the order was paid with, and no longer
/// by how much an edit had left.
const DROPPED: &[&str] = &[
    "ALTER TABLE edits DROP COLUMN returned_minor",
    "ALTER TABLE edits DROP COLUMN left_minor",
    "ALTER TABLE edits DROP COLUMN left_paid_points",
    "ALTER TABLE edits DROP COLUMN left_paid_minor",
];

const KEPT: &str = "program_id, purchase_id, seq, id, return_id, edited_at, recorded_at, revision, \
     total_before_minor, total_minor, added_minor, points, referral_points, transaction_id, \
     paid_points, paid_minor, balance_after";
