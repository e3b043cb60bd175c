use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        let (name, change) = ("edits_left_kept", "UPDATE OF is_whole");
        dialect::permanent_unless(manager, "edits", name, change, "1 = 0").await
    }
}

const STATEMENTS: &[&str] = &[
    // 1 if nothing of the order was left after it; else 0. Null for an edit from before: its event does
    // not tell what points pay of what it added, either.
    "ALTER TABLE edits ADD COLUMN is_whole INTEGER",
    // 1 if the buyer had been erased before: nothing follows from it but what went back to others who
    // had paid; else 0.
    "ALTER TABLE returns ADD COLUMN is_of_nobody INTEGER NOT NULL DEFAULT 0",
    // Until when a membership accrued by `origin_accrual`; null if no merge has changed that.
    "ALTER TABLE memberships ADD COLUMN origin_until BIGINT",
];
