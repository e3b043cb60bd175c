use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        let (renamed, key) = ("memberships_not_renamed", "UPDATE OF program_id, id, joined_at");
        dialect::permanent_unless(manager, "memberships", renamed, key, PUT_RIGHT).await
    }
}

const STATEMENTS: &[&str] = &[
    // How it accrued before, each with until when, in order; null if it always was as it is.
    "ALTER TABLE memberships ADD COLUMN past_accruals {json}",
];

/// That a membership began earlier can be put right.
const PUT_RIGHT: &str =
    "NEW.program_id = OLD.program_id AND NEW.id = OLD.id AND NEW.joined_at <= OLD.joined_at";
