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
    // Who was merged into a member and is not any more: their lots may have paid for what it spent.
    "CREATE INDEX unmerges_of_survivor ON unmerges (program_id, survivor_id)",
];
