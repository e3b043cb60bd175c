use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "transfers").await
    }
}

const STATEMENTS: &[&str] = &[
    // Points that members gave to others, by the transaction of each side.
    "CREATE TABLE transfers (
        program_id {uuid} NOT NULL,
        sent_id {uuid} NOT NULL,
        received_id {uuid} NOT NULL,
        sender_id {uuid} NOT NULL,
        receiver_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        sent_at BIGINT NOT NULL,
        -- The day in the program's zone, of what the member sent itself; null of what an operator did.
        own_day TEXT,
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        PRIMARY KEY (program_id, sent_id),
        UNIQUE (program_id, sender_id, idempotency_key)
    ){clustered}",
    "CREATE INDEX transfers_of_sender ON transfers (program_id, sender_id, sent_at)",
];
