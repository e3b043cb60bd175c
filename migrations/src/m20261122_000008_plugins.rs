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
    // Components are the platform's, not a program's: several programs may enable the same one.
    "CREATE TABLE plugin_components (
        digest TEXT NOT NULL PRIMARY KEY,
        plugin_id TEXT NOT NULL,
        version TEXT NOT NULL,
        manifest {json} NOT NULL,
        wasm {bytes} NOT NULL,
        installed_at BIGINT NOT NULL
    )",
    // The version in force of each plugin.
    "CREATE TABLE plugins (
        id TEXT NOT NULL PRIMARY KEY,
        digest TEXT NOT NULL REFERENCES plugin_components (digest)
    )",
    "CREATE TABLE program_plugins (
        program_id {uuid} NOT NULL REFERENCES programs (id),
        plugin_id TEXT NOT NULL,
        config {json} NOT NULL,
        -- ACTIVE or QUARANTINED.
        status TEXT NOT NULL,
        fault {json},
        quarantined_at BIGINT,
        PRIMARY KEY (program_id, plugin_id)
    )",
    // `subject` is empty for the member itself, else `type/external id` of a record.
    "CREATE TABLE plugin_states (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        subject TEXT NOT NULL,
        data {json} NOT NULL,
        PRIMARY KEY (program_id, plugin_id, member_id, subject)
    ){clustered}",
    // One row for each event that a plugin handled: the mark that makes its effects happen once.
    "CREATE TABLE plugin_runs (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        event_id {uuid} NOT NULL,
        digest {bytes} NOT NULL,
        fuel BIGINT NOT NULL,
        actions INTEGER NOT NULL,
        log {json} NOT NULL,
        handled_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, plugin_id, event_id)
    ){clustered}",
    "CREATE TABLE records (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        record_type TEXT NOT NULL,
        external_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        data {json} NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, record_type, external_id)
    )",
    "CREATE INDEX records_of_member ON records (program_id, member_id, record_type)",
];
