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
    // What became of a plugin in a program, as long as it has not been written for each of its records
    // and members.
    "CREATE TABLE plugin_changes (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        id {uuid} NOT NULL,
        -- ENABLED, CONFIGURED, UPGRADED or ROLLED_BACK.
        change TEXT NOT NULL,
        plugin_version TEXT NOT NULL,
        plugin_version_before TEXT,
        -- By the program's clock.
        changed_at BIGINT NOT NULL,
        -- Of which type the records are whose turn it is; empty for the members, who come last.
        record_type TEXT NOT NULL,
        -- The last of them for which it was written, and the last member.
        after_record_id {uuid} NOT NULL,
        after_member_id {uuid} NOT NULL,
        written BIGINT NOT NULL,
        -- Moves with each of these: who writes for others names the version that it read.
        version BIGINT NOT NULL,
        PRIMARY KEY (program_id, plugin_id)
    )",
    "CREATE INDEX records_by_type ON records (program_id, record_type, id)",
];
