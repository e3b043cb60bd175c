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
    // Plugins that were not heard about a purchase, and what came of asking them afterwards. A group's
    // part of a purchase has a row of its own once that is known. Instants are the server's.
    "CREATE TABLE missed_appraisals (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        plugin_id TEXT NOT NULL,
        member_id {uuid} NOT NULL,
        because TEXT NOT NULL,
        -- What the plugin failed with, if it was asked.
        fault {json},
        missed_at BIGINT NOT NULL,
        -- When it is asked again; null until somebody says so, and in the end.
        due_at BIGINT,
        attempts INTEGER NOT NULL,
        ended_at BIGINT,
        outcome TEXT,
        -- What it has given in the end.
        points BIGINT NOT NULL,
        transaction_id {uuid},
        PRIMARY KEY (program_id, purchase_id, plugin_id)
    ){clustered}",
    "CREATE INDEX missed_appraisals_by_plugin
    ON missed_appraisals (program_id, plugin_id, purchase_id)",
    "CREATE INDEX missed_appraisals_by_age ON missed_appraisals (program_id, plugin_id, missed_at)",
    "CREATE INDEX missed_appraisals_by_member ON missed_appraisals (program_id, member_id)",
    "CREATE INDEX missed_appraisals_with_faults ON missed_appraisals (program_id, member_id)
    WHERE fault IS NOT NULL",
    "CREATE INDEX missed_appraisals_due ON missed_appraisals (program_id, plugin_id, due_at)
    WHERE due_at IS NOT NULL",
];
