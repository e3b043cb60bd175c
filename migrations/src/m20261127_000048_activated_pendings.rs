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
    // What let points be spent is found by itself: whose they were when they were promised says whose
    // they count for.
    "CREATE INDEX activated_pendings ON pendings (program_id, earn_id) WHERE earn_id IS NOT NULL",
];
