use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "lot_returns").await
    }
}

const STATEMENTS: &[&str] = &[
    // The last instant that a server knew, one row for all of them. A machine's clock is believed
    // within a bound of it.
    "CREATE TABLE server_clock (
        id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
        recorded_at BIGINT NOT NULL
    )",
    // What a transaction gave back to a lot, and which transaction had taken it. A use is given back
    // once.
    "CREATE TABLE lot_returns (
        program_id {uuid} NOT NULL,
        used_by {uuid} NOT NULL,
        lot_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        amount BIGINT NOT NULL CHECK (amount > 0),
        PRIMARY KEY (program_id, used_by, lot_id)
    ){clustered}",
    // The events of timers that fired too early and were set again: each once.
    "CREATE TABLE timer_returns (
        program_id {uuid} NOT NULL,
        event_id {uuid} NOT NULL,
        returned_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, event_id)
    ){clustered}",
    // When a message was taken out of the outbox again, because its occasion had not come.
    "ALTER TABLE messages ADD COLUMN withdrawn_at BIGINT",
];
