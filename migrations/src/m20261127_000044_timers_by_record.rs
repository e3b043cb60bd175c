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
    // A name stands for one timer of each record, and one of the member itself. What a table is unique
    // by cannot be changed on both databases, so it is another table.
    "CREATE TABLE timers_by_record (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        name TEXT NOT NULL,
        due_at BIGINT NOT NULL,
        data {json} NOT NULL,
        record_type TEXT,
        record_external_id TEXT,
        root_id {uuid},
        depth INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (program_id, id)
    )",
    "INSERT INTO timers_by_record (program_id, id, plugin_id, member_id, name, due_at, data,
        record_type, record_external_id, root_id, depth)
    SELECT program_id, id, plugin_id, member_id, name, due_at, data, record_type,
        record_external_id, root_id, depth
    FROM timers",
    "DROP TABLE timers",
    "ALTER TABLE timers_by_record RENAME TO timers",
    "CREATE INDEX timers_by_due ON timers (program_id, plugin_id, due_at, id)",
    "CREATE UNIQUE INDEX timers_by_name ON timers (program_id, plugin_id, member_id, name,
        COALESCE(record_type, ''), COALESCE(record_external_id, ''))",
];
