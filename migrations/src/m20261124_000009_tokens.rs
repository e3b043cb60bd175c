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
    // What was issued, never the token itself: nobody can act with what stands here.
    "CREATE TABLE tokens (
        program_id {uuid} NOT NULL REFERENCES programs (id),
        id {uuid} NOT NULL,
        -- operator:NAME or member:EXTERNAL_ID.
        holder TEXT NOT NULL,
        -- Separated by spaces.
        scopes TEXT NOT NULL,
        issued_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL CHECK (expires_at > issued_at),
        revoked_at BIGINT,
        PRIMARY KEY (program_id, id)
    ){clustered}",
    "CREATE INDEX tokens_of_holder ON tokens (program_id, holder, id)",
    // What a holder was issued until then is refused, by whomever it was issued.
    "CREATE TABLE token_cutoffs (
        program_id {uuid} NOT NULL REFERENCES programs (id),
        holder TEXT NOT NULL,
        issued_until BIGINT NOT NULL,
        PRIMARY KEY (program_id, holder)
    ){clustered}",
    // A process asks for what was revoked a moment ago in all programs at once, so time comes first.
    "CREATE INDEX revoked_tokens_by_time ON tokens (revoked_at) WHERE revoked_at IS NOT NULL",
    "CREATE INDEX token_cutoffs_by_time ON token_cutoffs (issued_until)",
];
