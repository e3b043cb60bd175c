use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE purchases (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        reference TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        currency TEXT NOT NULL,
        total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
        purchased_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        revision INTEGER NOT NULL,
        -- From here on: what the receipt says besides, so that a repeat gets the same.
        points BIGINT NOT NULL CHECK (points >= 0),
        referral_points BIGINT NOT NULL CHECK (referral_points >= 0),
        balance_after BIGINT NOT NULL,
        appraisal {json} NOT NULL,
        standing {json} NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, reference)
    ){clustered}",
    "CREATE TABLE purchase_lines (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        sku TEXT NOT NULL,
        category TEXT,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        PRIMARY KEY (program_id, purchase_id, seq)
    ){clustered}",
];
