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
        arguments_hash TEXT NOT NULL,
        currency TEXT NOT NULL,
        total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
        purchased_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        revision INTEGER NOT NULL,
        -- What the caller was told, so that a repeat is told the same.
        answer {json} NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, reference)
    )",
    "CREATE INDEX purchases_of_member ON purchases (program_id, member_id, purchased_at)",
    "CREATE TABLE purchase_lines (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        sku TEXT NOT NULL,
        category TEXT,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        PRIMARY KEY (program_id, purchase_id, seq)
    )",
];
