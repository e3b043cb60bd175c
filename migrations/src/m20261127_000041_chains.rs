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
    // What a plugin did at an event follows from it: the first event of such a chain, and how many
    // plugins are between. Null and zero of what came from outside.
    "ALTER TABLE events ADD COLUMN root_id {uuid}",
    "ALTER TABLE events ADD COLUMN depth INTEGER NOT NULL DEFAULT 0",
    // Of a timer that is due at once: it goes on with the chain.
    "ALTER TABLE timers ADD COLUMN root_id {uuid}",
    "ALTER TABLE timers ADD COLUMN depth INTEGER NOT NULL DEFAULT 0",
    // What plugins that have a budget have given in a period, such as `2026-11-27` or `2026-11`.
    "CREATE TABLE plugin_spending (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        period TEXT NOT NULL,
        points BIGINT NOT NULL,
        messages BIGINT NOT NULL,
        PRIMARY KEY (program_id, plugin_id, period)
    ){clustered}",
];
