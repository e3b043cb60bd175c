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
    // What programs can use: the component that stands for a version of a plugin.
    "CREATE TABLE plugin_versions (
        plugin_id TEXT NOT NULL,
        version TEXT NOT NULL,
        digest TEXT NOT NULL REFERENCES plugin_components (digest),
        offered_at BIGINT NOT NULL,
        PRIMARY KEY (plugin_id, version)
    )",
    // The component that was the current one everywhere stands for its version.
    "INSERT INTO plugin_versions (plugin_id, version, digest, offered_at)
    SELECT c.plugin_id, c.version, c.digest, c.installed_at
    FROM plugin_components AS c
    JOIN plugins AS g ON g.digest = c.digest",
    // Of the others the one that was installed last.
    "INSERT INTO plugin_versions (plugin_id, version, digest, offered_at)
    SELECT c.plugin_id, c.version, MAX(c.digest), MAX(c.installed_at)
    FROM plugin_components AS c
    WHERE NOT EXISTS (
            SELECT 1
            FROM plugin_components AS later
            WHERE later.plugin_id = c.plugin_id AND later.version = c.version
                AND later.installed_at > c.installed_at
        )
        AND NOT EXISTS (
            SELECT 1
            FROM plugin_versions AS v
            WHERE v.plugin_id = c.plugin_id AND v.version = c.version
        )
    GROUP BY c.plugin_id, c.version",
    // Which component a program runs is the program's own from here on.
    "ALTER TABLE program_plugins RENAME TO program_plugins_before",
    "CREATE TABLE program_plugins (
        program_id {uuid} NOT NULL REFERENCES programs (id),
        plugin_id TEXT NOT NULL,
        digest TEXT NOT NULL REFERENCES plugin_components (digest),
        config {json} NOT NULL,
        -- ACTIVE or QUARANTINED.
        status TEXT NOT NULL,
        fault {json},
        quarantined_at BIGINT,
        PRIMARY KEY (program_id, plugin_id)
    )",
    "INSERT INTO program_plugins
        (program_id, plugin_id, digest, config, status, fault, quarantined_at)
    SELECT e.program_id, e.plugin_id, g.digest, e.config, e.status, e.fault, e.quarantined_at
    FROM program_plugins_before AS e
    JOIN plugins AS g ON g.id = e.plugin_id",
    "DROP TABLE program_plugins_before",
    "DROP TABLE plugins",
];
