//! Going back by itself to the version before, from one that fails soon after a program took it up.

use super::change::Change;
use super::keyed::PluginName;
use super::owners;
use super::quarantine::{AGAIN, program_changed};
use super::versions::is_above;
use crate::context::{Before, Context, Enabled, FaultReport, Program, RolledBack};
use crate::db::{Writes, row};
use crate::facts::PluginChange;
use crate::{Error, Result};
use serde_json::Value;
use std::time::Duration;

row! {
    struct RollBack {
        plugin_id: String,
        digest: String,
        rolled_back: Value,
    }
}

/// Back to what ran before, from where there is no further way back by itself.
const ROLL_BACK: &str = "
    UPDATE program_plugins
    SET digest = program_plugins.previous_digest, previous_digest = NULL, moved_at = NULL,
        status = 'ACTIVE', fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0,
        rolled_back = r.rolled_back
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.digest = r.digest AND program_plugins.previous_digest IS NOT NULL";

/// How long after a move a plugin that fails too often goes back to what it was.
const FRESH: Duration = Duration::from_hours(1);

/// Goes back to the version before, if the program came from there a short while ago, its file does
/// not name the version that it runs, and its configuration fits. Returns whether it did.
pub(super) async fn roll_back(
    context: &Context,
    program: &Program,
    plugin: &Enabled,
    report: &FaultReport,
) -> Result<bool> {
    let Some(Before { digest, until }) = &plugin.before else { return Ok(false) };
    let wanted = program.definition.plugins().get(&plugin.id);
    let is_named = wanted.is_some_and(|wanted| wanted.version.is_some());
    if is_named || context.now() > until.plus(FRESH) {
        return Ok(false);
    }
    let before = context.component(digest).await?.manifest;
    // What it came down from, by a file that said so, is nothing to go back to.
    let is_newer = is_above(&before.version, &plugin.component.manifest.version);
    let fits = before.check_config(&plugin.config).is_ok()
        && owners::check_with(context, program.id, &plugin.id, &before).await.is_ok();
    if is_newer || !fits {
        return Ok(false);
    }
    let (slug, to) = (&program.definition.slug, &before.version);
    let version = plugin.component.manifest.version.clone();
    tracing::warn!(plugin = plugin.id, program = slug, version, to, "a plugin is rolled back");
    metrics::counter!(
        "perennial_plugin_rollbacks_total",
        "program" => slug.clone(), "plugin" => plugin.id.clone()
    )
    .increment(1);
    let change = PluginChange::RolledBack;
    let change = Change { change, manifest: before, version_before: Some(version.clone()) };
    let (digest, fault) = (plugin.component.digest.clone(), report.clone());
    let rolled_back = RolledBack { version, digest: digest.clone(), at: context.now(), fault };
    let rolled_back = serde_json::to_value(&rolled_back)
        .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))?;
    let mut writes = Writes::to(program.id);
    writes.run(ROLL_BACK, &RollBack { plugin_id: plugin.id.clone(), digest, rolled_back });
    for again in AGAIN {
        writes.run(again, &PluginName { plugin_id: plugin.id.clone() });
    }
    change.write(&mut writes, context.now());
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)?;
    context.forget(program.id);
    context.wake();
    Ok(true)
}
