use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "erased_cards").await
    }
}

const STATEMENTS: &[&str] = &[
    // Of cards whose member was erased: digests of their codes, and of the keys of the requests that
    // made them, each in a row of its own. So no other card gets the code, and no repeat makes another
    // card. No row says whose it was, or when.
    "CREATE TABLE erased_cards (
        program_id {uuid} NOT NULL,
        digest {bytes} NOT NULL,
        PRIMARY KEY (program_id, digest)
    ){clustered}",
];
