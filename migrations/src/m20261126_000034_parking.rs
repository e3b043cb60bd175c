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
    // The plugins whose queues of this member are parked, with spaces between them; null if none is.
    "ALTER TABLE accounts ADD COLUMN parked TEXT",
    // Members whose events wait because a plugin failed on the first of them. Instants are the
    // server's.
    "CREATE TABLE parked_queues (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        -- The event that it failed on.
        member_seq BIGINT NOT NULL,
        event_id {uuid} NOT NULL,
        fault {json} NOT NULL,
        -- Whether the fault is the plugin's.
        counts INTEGER NOT NULL,
        parked_at BIGINT NOT NULL,
        -- When the queue is to go on; null until somebody says so.
        free_at BIGINT,
        PRIMARY KEY (program_id, plugin_id, member_id)
    ){clustered}",
    "CREATE INDEX parked_queues_by_event ON parked_queues (program_id, plugin_id, event_id)",
    "CREATE INDEX parked_queues_by_age ON parked_queues (program_id, plugin_id, parked_at)",
    "CREATE INDEX parked_queues_to_free ON parked_queues (program_id, free_at, plugin_id, member_id)
    WHERE free_at IS NOT NULL",
    // What waits in them.
    "CREATE TABLE parked_deliveries (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        member_seq BIGINT NOT NULL,
        event_id {uuid} NOT NULL,
        PRIMARY KEY (program_id, plugin_id, member_id, member_seq)
    ){clustered}",
    // Events that a plugin does not receive because somebody said so.
    "CREATE TABLE dead_letters (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        member_seq BIGINT NOT NULL,
        event_id {uuid} NOT NULL,
        fault {json} NOT NULL,
        reason TEXT NOT NULL,
        actor TEXT NOT NULL,
        skipped_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, plugin_id, member_id, member_seq)
    ){clustered}",
    "CREATE INDEX dead_letters_by_event ON dead_letters (program_id, plugin_id, event_id)",
    // Due by plugin: those of a disabled one wait, and keep nobody else's from being found.
    "DROP INDEX timers_by_due",
    "CREATE INDEX timers_by_due ON timers (program_id, plugin_id, due_at, id)",
    // Whose event it was that a plugin handled; null of a run from before.
    "ALTER TABLE plugin_runs ADD COLUMN member_id {uuid}",
    "ALTER TABLE plugin_runs ADD COLUMN member_seq BIGINT",
    // What the program ran before, since when it runs what it runs, and when a quarantined plugin is
    // next tried on one event.
    "ALTER TABLE program_plugins ADD COLUMN previous_digest TEXT",
    "ALTER TABLE program_plugins ADD COLUMN moved_at BIGINT",
    "ALTER TABLE program_plugins ADD COLUMN rolled_back {json}",
    "ALTER TABLE program_plugins ADD COLUMN probes INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE program_plugins ADD COLUMN probe_at BIGINT",
];
