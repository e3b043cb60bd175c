//! Making a program's plugins what its file names.
//!
//! A program that enables a plugin for the first time takes the version that the file names, or the
//! newest. From then on it runs that component until the file names another version or somebody
//! moves it; see `moves`.

use super::quarantine::{PluginName, RETRY};
use super::section::Wanted;
use super::versions;
use crate::context::Context;
use crate::db::{Writes, id, row};
use crate::definition::Definition;
use crate::{ProgramId, Result};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::collections::BTreeMap;

row! {
    struct EnabledRow {
        plugin_id: String,
        digest: String,
        config: Value,
    }
}

/// What becomes of the plugins of a program.
pub(crate) struct Enabling {
    enabled: Vec<EnabledRow>,
    /// Those that get another component.
    moved: Vec<String>,
    disabled: Vec<String>,
}

/// A quarantine is the component's, so another component ends it.
const ENABLE: &str = "
    INSERT INTO program_plugins (program_id, plugin_id, digest, config, status)
    SELECT $1, plugin_id, digest, config, 'ACTIVE'
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, plugin_id) DO UPDATE
    SET digest = excluded.digest,
        config = excluded.config,
        status = CASE
            WHEN program_plugins.digest = excluded.digest THEN program_plugins.status
            ELSE excluded.status
        END,
        fault = CASE
            WHEN program_plugins.digest = excluded.digest THEN program_plugins.fault
        END,
        quarantined_at = CASE
            WHEN program_plugins.digest = excluded.digest THEN program_plugins.quarantined_at
        END";
/// Of a plugin that a program no longer enables, nothing waits.
const DISABLE: [&str; 3] = [
    "DELETE FROM program_plugins
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)",
    "DELETE FROM deliveries
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)",
    "DELETE FROM timers
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)",
];

/// Which component each plugin of a program gets, and whether its configuration fits that. Fails
/// with `PLUGIN_NOT_FOUND` or `CONFIG_INVALID`, naming the plugin.
pub(crate) async fn plan(
    context: &Context,
    definition: &Definition,
    program: ProgramId,
) -> Result<Enabling> {
    let mut runs = running(context, program).await?;
    let (mut enabled, mut moved) = (Vec::new(), Vec::new());
    for (id, wanted) in definition.plugins() {
        let field = format!("plugins.{id}");
        let before = runs.remove(id);
        let digest = choose(context, id, wanted, before.as_deref()).await;
        let digest = digest.map_err(|error| error.at(field.clone()))?;
        let manifest = context.component(&digest).await?.manifest;
        manifest.check_config(&wanted.config).map_err(|error| error.at(field))?;
        if before.is_some_and(|before| before != digest) {
            moved.push(id.clone());
        }
        enabled.push(EnabledRow { plugin_id: id.clone(), digest, config: wanted.config.clone() });
    }
    Ok(Enabling { enabled, moved, disabled: runs.into_keys().collect() })
}

async fn choose(
    context: &Context,
    plugin: &str,
    wanted: &Wanted,
    before: Option<&str>,
) -> Result<String> {
    match (&wanted.version, before) {
        (Some(version), _) => Ok(versions::version(context, plugin, version).await?.digest),
        (None, Some(before)) => Ok(before.to_owned()),
        (None, None) => Ok(versions::newest(context, plugin).await?.digest),
    }
}

/// The components that a program runs, by plugin.
async fn running(context: &Context, program: ProgramId) -> Result<BTreeMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Row {
        plugin_id: String,
        digest: String,
    }
    const SELECT: &str = "SELECT plugin_id, digest FROM program_plugins WHERE program_id = $1";
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [id(program)])).all(db.read()).await?;
    Ok(found.into_iter().map(|row| (row.plugin_id, row.digest)).collect())
}

impl Enabling {
    pub(crate) fn write(&self, writes: &mut Writes) {
        for enabled in &self.enabled {
            writes.run(ENABLE, enabled);
        }
        let name = |plugin: &String| PluginName { plugin_id: plugin.clone() };
        for plugin in &self.moved {
            writes.run(RETRY, &name(plugin));
        }
        for plugin in &self.disabled {
            for delete in DISABLE {
                writes.run(delete, &name(plugin));
            }
        }
    }
}
