use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "spend_parts").await
    }
}

const STATEMENTS: &[&str] = &[
    // Points of a wallet that were spent together with those of another, by the transaction of that
    // one, which was the first.
    "CREATE TABLE spend_parts (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        part_id {uuid} NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        PRIMARY KEY (program_id, transaction_id, seq)
    ){clustered}",
];
