use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, IN_PARTS_POSTGRES).await?;
        } else {
            dialect::run(manager, IN_PARTS_SQLITE).await?;
            dialect::append_only(manager, "lot_returns").await?;
        }
        dialect::run(manager, STATEMENTS).await
    }
}

/// What was taken of a lot can go back to it in parts.
const IN_PARTS_POSTGRES: &[&str] = &[
    "ALTER TABLE lot_returns DROP CONSTRAINT lot_returns_pkey",
    "ALTER TABLE lot_returns ADD PRIMARY KEY (program_id, used_by, lot_id, transaction_id)",
];
const IN_PARTS_SQLITE: &[&str] = &[
    "ALTER TABLE lot_returns RENAME TO lot_returns_before",
    "CREATE TABLE lot_returns (
        program_id {uuid} NOT NULL,
        used_by {uuid} NOT NULL,
        lot_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        amount BIGINT NOT NULL CHECK (amount > 0),
        PRIMARY KEY (program_id, used_by, lot_id, transaction_id)
    ){clustered}",
    "INSERT INTO lot_returns (program_id, used_by, lot_id, transaction_id, amount)
    SELECT program_id, used_by, lot_id, transaction_id, amount
    FROM lot_returns_before",
    "DROP TABLE lot_returns_before",
    "CREATE INDEX lot_returns_of_transaction ON lot_returns (program_id, transaction_id)",
];

const STATEMENTS: &[&str] = &[
    // What of a purchase points have paid: how many, what they were worth, and by which transaction.
    "ALTER TABLE purchases ADD COLUMN paid_points BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE purchases ADD COLUMN paid_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE purchases ADD COLUMN payment_id {uuid}",
    // What of that came back with a return.
    "ALTER TABLE returns ADD COLUMN refunded_points BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE returns ADD COLUMN paid_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE returns ADD COLUMN refund_id {uuid}",
];
