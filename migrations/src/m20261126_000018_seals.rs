use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "seals").await
    }
}

const STATEMENTS: &[&str] = &[
    // A block of the journal, chained to the block before it. The digests make a row large, so it
    // stands apart from its key on SQLite too.
    "CREATE TABLE seals (
        program_id {uuid} NOT NULL,
        -- From 1 on, without gaps.
        number BIGINT NOT NULL CHECK (number > 0),
        -- What it covers of the journal.
        first_position BIGINT NOT NULL CHECK (first_position > 0),
        last_position BIGINT NOT NULL,
        count INTEGER NOT NULL CHECK (count = last_position - first_position + 1),
        sealed_at BIGINT NOT NULL,
        -- That of the seal before it; zeros in the first.
        previous_hash {bytes} NOT NULL,
        hash {bytes} NOT NULL,
        -- The public key, in base64url; null when the server had no key.
        signed_by TEXT,
        signature {bytes},
        -- A SHA-256 for each position, one after the other.
        digests {bytes} NOT NULL,
        PRIMARY KEY (program_id, number),
        CHECK ((signed_by IS NULL) = (signature IS NULL))
    )",
    // What a transaction gave back is sealed with it.
    "CREATE INDEX lot_returns_of_transaction ON lot_returns (program_id, transaction_id)",
];
