use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        for table in ["adjustments", "voids"] {
            dialect::append_only(manager, table).await?;
        }
        Ok(())
    }
}

const STATEMENTS: &[&str] = &[
    // The keys of requests to give or take points. What was done and why is the transaction's.
    "CREATE TABLE adjustments (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        PRIMARY KEY (program_id, transaction_id),
        UNIQUE (program_id, member_id, idempotency_key)
    )",
    // Which transaction made another one good. A transaction is voided once.
    "CREATE TABLE voids (
        program_id {uuid} NOT NULL,
        voided_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        PRIMARY KEY (program_id, voided_id)
    ){clustered}",
];
