use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::append_only(manager, "plugin_publishers").await?;
        dialect::append_only(manager, "plugin_approvals").await
    }
}

const STATEMENTS: &[&str] = &[
    // The publisher's public key, in base64url; null of what nobody signed.
    "ALTER TABLE plugin_versions ADD COLUMN signed_by TEXT",
    // Whose an id is: the key that the first approved signed version was signed by.
    "CREATE TABLE plugin_publishers (
        plugin_id TEXT NOT NULL PRIMARY KEY,
        public_key TEXT NOT NULL,
        since BIGINT NOT NULL
    )",
    // The components that programs can use.
    "CREATE TABLE plugin_approvals (
        digest TEXT NOT NULL PRIMARY KEY REFERENCES plugin_components (digest),
        plugin_id TEXT NOT NULL,
        version TEXT NOT NULL,
        -- OPERATOR, NOTHING_WIDER or INSTALLED_BEFORE.
        basis TEXT NOT NULL,
        approved_at BIGINT NOT NULL
    )",
    // What programs could use so far they can use further.
    "INSERT INTO plugin_approvals (digest, plugin_id, version, basis, approved_at)
    SELECT digest, plugin_id, version, 'INSTALLED_BEFORE', installed_at
    FROM plugin_components",
];
