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
    // Since when tiers are being settled after the ladder changed; null when they are.
    "ALTER TABLE programs ADD COLUMN settling_since BIGINT",
    // The last account that was settled.
    "ALTER TABLE programs ADD COLUMN settled_to {uuid}",
];
