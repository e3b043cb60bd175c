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
    // The address as it is compared, its ASCII letters small: what else is small depends on the
    // database's locale.
    "ALTER TABLE members ADD COLUMN email_key TEXT",
    "UPDATE members SET email_key = {small_ascii(}email{small)} WHERE email IS NOT NULL",
    // The same where the program's members have addresses of their own.
    "ALTER TABLE members ADD COLUMN unique_email TEXT",
    "CREATE UNIQUE INDEX members_by_unique_email ON members (program_id, unique_email)
        WHERE unique_email IS NOT NULL",
    // Those who came before the program asked for that.
    "CREATE INDEX members_by_email ON members (program_id, email_key) WHERE email_key IS NOT NULL",
    // Tokens that ended long ago are deleted, in all programs at once.
    "CREATE INDEX tokens_by_end ON tokens (expires_at)",
];
