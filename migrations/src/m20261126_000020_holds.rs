use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::permanent(manager, "holds", "program_id, id, idempotency_key").await
    }
}

const STATEMENTS: &[&str] = &[
    // Points that are reserved, and what became of them. The points themselves are moved by
    // transactions of the kinds HOLD and RELEASE.
    "CREATE TABLE holds (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        transaction_id {uuid} NOT NULL,
        reason TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        held_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        actor TEXT NOT NULL,
        captured BIGINT NOT NULL DEFAULT 0 CHECK (captured >= 0 AND captured <= points),
        -- CAPTURED, RELEASED or EXPIRED; null while it is open.
        outcome TEXT,
        ended_at BIGINT,
        -- By which the captured points were spent.
        spend_id {uuid},
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, account_id, idempotency_key),
        CHECK ((outcome IS NULL) = (ended_at IS NULL))
    ){clustered}",
    "CREATE INDEX open_holds_of_account ON holds (program_id, account_id) WHERE ended_at IS NULL",
    "CREATE INDEX holds_of_account ON holds (program_id, account_id, id)",
];
