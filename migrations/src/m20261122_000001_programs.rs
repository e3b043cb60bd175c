use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "program_revisions").await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE programs (
        id {uuid} NOT NULL PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        sandbox BOOLEAN NOT NULL,
        -- Only for a sandbox: what its members and timers take for now.
        test_clock_at BIGINT,
        revision INTEGER NOT NULL,
        -- Counts what changes what the program does: revisions, plugins enabled, upgraded, quarantined, resumed. What a process
        -- keeps of the program in memory is good for as long as this stands.
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE program_revisions (
        program_id {uuid} NOT NULL REFERENCES programs (id),
        revision INTEGER NOT NULL,
        source TEXT NOT NULL,
        actor TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, revision)
    )",
];
