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
    // Calls of plugins, whole, so that they can be made again. Nothing refers to a row, and it goes when
    // its time is over, which its id says.
    "CREATE TABLE plugin_recordings (
        program_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        -- The event that was delivered, or the purchase that was appraised.
        event_id {uuid},
        purchase_id {uuid},
        -- The event's name, or the purchase's reference.
        about TEXT NOT NULL,
        hook TEXT NOT NULL,
        -- OK, or the kind of fault.
        outcome TEXT NOT NULL,
        digest {bytes} NOT NULL,
        -- Actions or proposals of the answer.
        items BIGINT NOT NULL,
        fuel BIGINT,
        -- JSON, as text: what is read is to the bit what was written. Null if it was too long to keep.
        data TEXT,
        recorded_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, plugin_id, id)
    )",
    "CREATE INDEX recordings_of_member ON plugin_recordings (program_id, member_id)",
];
