//! Installing components and enabling them in programs.

use super::Manifest;
use super::port::Component;
use crate::db::rows;
use crate::events::record_topic;
use crate::hash::sha256_hex;
use crate::programs::Definition;
use crate::{Code, Error, Loyalty, ProgramId, Result};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What installing did.
#[derive(Clone, Debug)]
pub struct Installed {
    pub id: String,
    pub version: String,
    pub digest: String,
    /// False when this very component was in force already.
    pub is_new: bool,
}

/// Checks a component and makes it the version in force of its plugin, in every program that enables it. Quarantined programs
/// resume with a new version. Refused when a program's configuration does not fit the new version.
pub(super) async fn install(loyalty: &Loyalty, wasm: &[u8]) -> Result<Installed> {
    let manifest = loyalty.runtime().inspect(wasm)?;
    let digest = sha256_hex(wasm);
    let tx = loyalty.db().begin().await?;
    let in_force = in_force(&tx, &manifest.id).await?;
    let is_new = in_force.as_deref() != Some(digest.as_str());
    if is_new {
        insert(&tx, &manifest, &digest, wasm, loyalty).await?;
        for (program, config) in programs_with(&tx, &manifest.id).await? {
            manifest
                .check_config(&config)
                .map_err(|error| error.at(format!("plugins.{}", manifest.id)))?;
            subscribe(&tx, program, &manifest).await?;
            resume(&tx, program, &manifest.id).await?;
        }
        tx.commit().await?;
        loyalty.wake();
    }
    Ok(Installed { id: manifest.id, version: manifest.version, digest, is_new })
}

/// Lets a quarantined plugin go on where it stopped; whether there was one.
pub(super) async fn resume(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    plugin: &str,
) -> Result<bool> {
    const UPDATE: &str = "UPDATE program_plugins SET status = 'ACTIVE', fault = NULL, quarantined_at = NULL \
         WHERE program_id = $1 AND plugin_id = $2";
    const RETRY: &str = "UPDATE deliveries SET attempts = 0, not_before = 0 WHERE program_id = $1 AND plugin_id = $2";
    let values = || [rows::id(program), plugin.into()];
    let resumed = connection.execute_raw(rows::sql(connection, UPDATE, values())).await?;
    connection.execute_raw(rows::sql(connection, RETRY, values())).await?;
    Ok(resumed.rows_affected() > 0)
}

/// The manifests of the plugins that a program file names, its configuration checked against them. Fails with
/// `PLUGIN_NOT_FOUND` or `CONFIG_INVALID`, naming the plugin.
pub(crate) async fn manifests_for(
    loyalty: &Loyalty,
    definition: &Definition,
) -> Result<BTreeMap<String, Arc<Manifest>>> {
    let db = loyalty.db().read();
    let mut manifests = BTreeMap::new();
    for (id, config) in &definition.plugins {
        let field = format!("plugins.{id}");
        let digest = in_force(db, id).await?.ok_or_else(|| {
            Error::new(Code::PluginNotFound, format!("the plugin `{id}` is not installed"))
                .at(field.clone())
        })?;
        let Component { manifest, .. } =
            super::entity::component(db, loyalty.components(), &digest).await?;
        manifest.check_config(config).map_err(|error| error.at(field))?;
        manifests.insert(id.clone(), manifest);
    }
    Ok(manifests)
}

/// Makes a program's plugins what its definition names.
pub(crate) async fn enable(
    tx: &DatabaseTransaction,
    program: ProgramId,
    definition: &Definition,
    manifests: &BTreeMap<String, Arc<Manifest>>,
) -> Result<()> {
    const UPSERT: &str = "INSERT INTO program_plugins (program_id, plugin_id, config, status) \
         VALUES ($1, $2, $3, 'ACTIVE') \
         ON CONFLICT (program_id, plugin_id) DO UPDATE SET config = excluded.config";
    for (id, config) in &definition.plugins {
        let values = [rows::id(program), id.as_str().into(), config.clone().into()];
        tx.execute_raw(rows::sql(tx, UPSERT, values)).await?;
    }
    for (disabled, _) in
        plugins_of(tx, program).await?.iter().filter(|(id, _)| !manifests.contains_key(id))
    {
        for table in ["program_plugins", "plugin_subscriptions", "deliveries", "timers"] {
            let delete = format!("DELETE FROM {table} WHERE program_id = $1 AND plugin_id = $2");
            tx.execute_raw(rows::sql(tx, &delete, [rows::id(program), disabled.as_str().into()]))
                .await?;
        }
    }
    for manifest in manifests.values() {
        subscribe(tx, program, manifest).await?;
    }
    Ok(())
}

async fn subscribe(
    tx: &DatabaseTransaction,
    program: ProgramId,
    manifest: &Manifest,
) -> Result<()> {
    const DELETE: &str =
        "DELETE FROM plugin_subscriptions WHERE program_id = $1 AND plugin_id = $2";
    const INSERT: &str =
        "INSERT INTO plugin_subscriptions (program_id, plugin_id, event_name) VALUES ($1, $2, $3)";
    let values = [rows::id(program), manifest.id.as_str().into()];
    tx.execute_raw(rows::sql(tx, DELETE, values)).await?;
    for name in &manifest.subscribes {
        let topics = match name.as_str() {
            "record-put" => {
                manifest.records.keys().map(|record_type| record_topic(record_type)).collect()
            }
            name => vec![name.to_owned()],
        };
        for topic in topics {
            let values = [rows::id(program), manifest.id.as_str().into(), topic.into()];
            tx.execute_raw(rows::sql(tx, INSERT, values)).await?;
        }
    }
    Ok(())
}

async fn in_force(connection: &impl ConnectionTrait, plugin: &str) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        digest: String,
    }
    let statement =
        rows::sql(connection, "SELECT digest FROM plugins WHERE id = $1", [plugin.into()]);
    Ok(Row::find_by_statement(statement).one(connection).await?.map(|row| row.digest))
}

async fn insert(
    tx: &DatabaseTransaction,
    manifest: &Manifest,
    digest: &str,
    wasm: &[u8],
    loyalty: &Loyalty,
) -> Result<()> {
    const COMPONENT: &str = "INSERT INTO plugin_components (digest, plugin_id, version, manifest, wasm, installed_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING";
    const PLUGIN: &str = "INSERT INTO plugins (id, digest) VALUES ($1, $2) \
         ON CONFLICT (id) DO UPDATE SET digest = excluded.digest";
    let manifest_json = serde_json::to_value(manifest)
        .map_err(|error| Error::internal("a manifest that cannot be JSON").caused_by(error))?;
    let values = [
        digest.into(),
        manifest.id.as_str().into(),
        manifest.version.as_str().into(),
        manifest_json.into(),
        wasm.to_vec().into(),
        loyalty.now().into(),
    ];
    tx.execute_raw(rows::sql(tx, COMPONENT, values)).await?;
    let values = [manifest.id.as_str().into(), digest.into()];
    tx.execute_raw(rows::sql(tx, PLUGIN, values)).await?;
    Ok(())
}

async fn plugins_of(
    connection: &impl ConnectionTrait,
    program: ProgramId,
) -> Result<Vec<(String, Value)>> {
    #[derive(FromQueryResult)]
    struct Row {
        plugin_id: String,
        config: Value,
    }
    const SELECT: &str = "SELECT plugin_id, config FROM program_plugins WHERE program_id = $1";
    let statement = rows::sql(connection, SELECT, [rows::id(program)]);
    let found = Row::find_by_statement(statement).all(connection).await?;
    Ok(found.into_iter().map(|row| (row.plugin_id, row.config)).collect())
}

async fn programs_with(
    connection: &impl ConnectionTrait,
    plugin: &str,
) -> Result<Vec<(ProgramId, Value)>> {
    #[derive(FromQueryResult)]
    struct Row {
        program_id: ProgramId,
        config: Value,
    }
    const SELECT: &str = "SELECT program_id, config FROM program_plugins WHERE plugin_id = $1";
    let statement = rows::sql(connection, SELECT, [plugin.into()]);
    let found = Row::find_by_statement(statement).all(connection).await?;
    Ok(found.into_iter().map(|row| (row.program_id, row.config)).collect())
}
