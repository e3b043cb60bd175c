use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::permanent(manager, "cards", "program_id, id, kind, code_hash, issued_at").await?;
        dialect::permanent_unless(manager, "cards", "cards_kept", "DELETE", ERASED).await
    }
}

const STATEMENTS: &[&str] = &[
    // Codes by which accounts are found, and were. Instants are by the program's clock.
    "CREATE TABLE cards (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        -- The member whose account it is.
        account_id {uuid} NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('LOYALTY', 'GIFT')),
        -- Of the program and the code as it is compared. The code itself is kept nowhere.
        code_hash {bytes} NOT NULL,
        last_four TEXT NOT NULL,
        status TEXT NOT NULL
            CHECK (status IN ('ACTIVE', 'BLOCKED', 'REPLACED', 'CLAIMED', 'REFUNDED')),
        replaced_by {uuid},
        issued_at BIGINT NOT NULL,
        -- Null while it is active or blocked.
        ended_at BIGINT,
        -- How many points a gift card had when it was claimed or refunded.
        ended_points BIGINT,
        -- Why it is as it is, where somebody said so.
        reason TEXT,
        -- Whose it was before a merge; null if none moved it.
        origin_id {uuid},
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, code_hash),
        UNIQUE (program_id, idempotency_key),
        CHECK ((ended_at IS NULL) = (status IN ('ACTIVE', 'BLOCKED'))),
        CHECK ((replaced_by IS NULL) = (status <> 'REPLACED'))
    ){clustered}",
    "CREATE INDEX cards_of_account ON cards (program_id, account_id, id)",
];

/// Those of whoever was erased go.
const ERASED: &str = "EXISTS (
        SELECT 1
        FROM erasures AS z
        WHERE z.program_id = OLD.program_id AND z.member_id = OLD.account_id
    )";
