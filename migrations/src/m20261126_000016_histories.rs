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
    // An account's history is read by when things happened, not by when they were recorded.
    "CREATE INDEX transactions_by_time
        ON transactions (program_id, account_id, effective_at, id)",
    "DROP INDEX transactions_of_account",
    // Where the program's members have e-mail addresses of their own, in small letters.
    "ALTER TABLE members ADD COLUMN unique_email TEXT",
    "CREATE UNIQUE INDEX members_by_unique_email ON members (program_id, unique_email)
        WHERE unique_email IS NOT NULL",
    // Those who came before the program asked for that.
    "CREATE INDEX members_by_email ON members (program_id, lower(email)) WHERE email IS NOT NULL",
    // Tokens that ended long ago are deleted, in all programs at once.
    "CREATE INDEX tokens_by_end ON tokens (expires_at)",
];
