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
    // Who is still bringing facts of the past, and until when a program's timers wait for the rest.
    "CREATE TABLE timer_holds (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        until_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, id)
    ){clustered}",
];
