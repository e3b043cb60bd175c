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

const STATEMENTS: &[&str] = &["CREATE TABLE redemptions (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        reward TEXT NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        transaction_id {uuid} NOT NULL,
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        balance_after BIGINT NOT NULL,
        redeemed_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, member_id, idempotency_key)
    ){clustered}"];
