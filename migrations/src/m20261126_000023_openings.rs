use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "openings").await
    }
}

const STATEMENTS: &[&str] = &[
    // What other systems call the points that were taken over. All else is the transaction's.
    "CREATE TABLE openings (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        reference TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        PRIMARY KEY (program_id, transaction_id),
        UNIQUE (program_id, reference)
    )",
];
