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
    // Whether the time of a lot was over when something came back to it.
    "ALTER TABLE lots ADD COLUMN in_grace INTEGER NOT NULL DEFAULT 0",
    // Who was ever merged into a member: their lots may have paid for what it spent. It finds those,
    // too, who came and went by way of another.
    "CREATE INDEX merges_of_survivor ON merges (program_id, into_id)",
    "DROP INDEX unmerges_of_survivor",
];
