use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "events").await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE events (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        -- Counts the member's events without gaps, in commit order: it is taken under the version of the member's account.
        member_seq BIGINT NOT NULL,
        name TEXT NOT NULL,
        data {json} NOT NULL,
        occurred_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, member_id, member_seq)
    ){clustered}",
    // What plugins have yet to handle. A row goes when it is handled, so the table stays as small
    // as the backlog; there is no cursor that a late commit could slip behind.
    "CREATE TABLE deliveries (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        member_seq BIGINT NOT NULL,
        event_id {uuid} NOT NULL,
        attempts INTEGER NOT NULL,
        -- Wall-clock: not before, for retries and for the lease of the node that is working on it.
        not_before BIGINT NOT NULL,
        PRIMARY KEY (program_id, plugin_id, member_id, member_seq)
    ){clustered}",
    "CREATE TABLE timers (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        name TEXT NOT NULL,
        due_at BIGINT NOT NULL,
        data {json} NOT NULL,
        record_type TEXT,
        record_external_id TEXT,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, plugin_id, member_id, name)
    )",
    "CREATE INDEX timers_by_due ON timers (program_id, due_at, id)",
    "CREATE TABLE messages (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        contact_id {uuid},
        plugin_id TEXT NOT NULL,
        event_id {uuid} NOT NULL,
        template TEXT NOT NULL,
        locale TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        parameters {json} NOT NULL,
        occurred_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, id)
    )",
    "CREATE INDEX messages_of_member ON messages (program_id, member_id, id)",
];
