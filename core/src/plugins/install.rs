//! Installing components and enabling them in programs.

use super::quarantine::{self, PluginName};
use crate::context::Context;
use crate::db::{Writes, row};
use crate::definition::Definition;
use crate::hash::sha256_hex;
use crate::runtime::Manifest;
use crate::{Code, Error, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::collections::BTreeSet;

/// What installing did.
#[derive(Clone, Debug)]
pub struct Installed {
    pub id: String,
    pub version: String,
    pub digest: String,
    /// False when this very component was in force already.
    pub is_new: bool,
}

row! {
    struct ComponentRow {
        digest: String,
        plugin_id: String,
        version: String,
        manifest: Value,
        wasm: Vec<u8>,
        installed_at: Timestamp,
    }
}

row! {
    struct PluginDigest {
        plugin_id: String,
        digest: String,
    }
}

row! {
    struct Configuration {
        plugin_id: String,
        config: Value,
    }
}

const COMPONENT: &str = "
    INSERT INTO plugin_components (digest, plugin_id, version, manifest, wasm, installed_at)
    SELECT digest, plugin_id, version, manifest, wasm, installed_at
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (digest) DO NOTHING";
const IN_FORCE: &str = "
    INSERT INTO plugins (id, digest)
    SELECT plugin_id, digest
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (id) DO UPDATE
    SET digest = excluded.digest";
const ENABLE: &str = "
    INSERT INTO program_plugins (program_id, plugin_id, config, status)
    SELECT $1, plugin_id, config, 'ACTIVE'
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, plugin_id) DO UPDATE
    SET config = excluded.config";
/// Of a plugin that a program no longer enables, nothing waits.
const DISABLE: [&str; 3] = [
    "DELETE FROM program_plugins
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)",
    "DELETE FROM deliveries
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)",
    "DELETE FROM timers
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)",
];

/// Checks a component and makes it the version in force of its plugin, in every program that
/// enables it. Quarantined programs resume with a new version. Refused when a program's
/// configuration does not fit the new version.
pub(super) async fn install(context: &Context, wasm: &[u8]) -> Result<Installed> {
    let manifest = context.runtime.inspect(wasm)?;
    let digest = sha256_hex(wasm);
    let is_new = in_force(context, &manifest.id).await?.as_deref() != Some(digest.as_str());
    if is_new {
        for config in configurations(context, &manifest.id).await? {
            let wrong = |error: Error| error.at(format!("plugins.{}", manifest.id));
            manifest.check_config(&config).map_err(wrong)?;
        }
        let mut writes = Writes::to_all();
        add_component(context, &mut writes, &manifest, &digest, wasm)?;
        quarantine::add_resume_everywhere(&mut writes, &manifest.id);
        context.db.commit(writes).await.map_err(Error::from)?;
        context.wake();
    }
    Ok(Installed { id: manifest.id, version: manifest.version, digest, is_new })
}

fn add_component(
    context: &Context,
    writes: &mut Writes,
    manifest: &Manifest,
    digest: &str,
    wasm: &[u8],
) -> Result<()> {
    let broken = |error| Error::internal("a manifest that cannot be JSON").caused_by(error);
    writes.run(
        COMPONENT,
        &ComponentRow {
            digest: digest.to_owned(),
            plugin_id: manifest.id.clone(),
            version: manifest.version.clone(),
            manifest: serde_json::to_value(manifest).map_err(broken)?,
            wasm: wasm.to_vec(),
            installed_at: context.now(),
        },
    );
    let (plugin_id, digest) = (manifest.id.clone(), digest.to_owned());
    writes.run(IN_FORCE, &PluginDigest { plugin_id, digest });
    Ok(())
}

/// Whether the plugins that a program file names are installed and its configuration fits them.
/// Fails with `PLUGIN_NOT_FOUND` or `CONFIG_INVALID`, naming the plugin.
pub(crate) async fn check(context: &Context, definition: &Definition) -> Result<()> {
    for (id, config) in definition.plugins() {
        let field = format!("plugins.{id}");
        let digest = in_force(context, id).await?.ok_or_else(|| {
            let why = format!("the plugin `{id}` is not installed");
            Error::new(Code::PluginNotFound, why).at(field.clone())
        })?;
        let manifest = context.component(&digest).await?.manifest;
        manifest.check_config(config).map_err(|error| error.at(field))?;
    }
    Ok(())
}

/// Makes a program's plugins what its definition names; `enabled` are those that it has.
pub(crate) fn enable(writes: &mut Writes, definition: &Definition, enabled: &BTreeSet<String>) {
    for (plugin_id, config) in definition.plugins() {
        let (plugin_id, config) = (plugin_id.clone(), config.clone());
        writes.run(ENABLE, &Configuration { plugin_id, config });
    }
    for plugin in enabled.iter().filter(|id| !definition.plugins().contains_key(*id)) {
        let name = PluginName { plugin_id: plugin.clone() };
        for delete in DISABLE {
            writes.run(delete, &name);
        }
    }
}

async fn in_force(context: &Context, plugin: &str) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        digest: String,
    }
    const SELECT: &str = "SELECT digest FROM plugins WHERE id = $1";
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [plugin.into()])).one(db.read()).await?;
    Ok(found.map(|row| row.digest))
}

/// How the programs that enable a plugin configure it.
async fn configurations(context: &Context, plugin: &str) -> Result<Vec<Value>> {
    #[derive(FromQueryResult)]
    struct Row {
        config: Value,
    }
    const SELECT: &str = "SELECT config FROM program_plugins WHERE plugin_id = $1";
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [plugin.into()])).all(db.read()).await?;
    Ok(found.into_iter().map(|row| row.config).collect())
}
