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
    // Until when those lots of a wallet last that last as long as the member is active.
    "ALTER TABLE wallets ADD COLUMN lasts_until BIGINT",
    // Whether a lot is one of those. It has no instant of its own until they have ended.
    "ALTER TABLE lots ADD COLUMN slides INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX wallets_by_activity ON wallets (program_id, lasts_until)
    WHERE lasts_until IS NOT NULL",
];
