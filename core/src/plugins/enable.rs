//! Making a program's plugins what its file names.
//!
//! A program that enables a plugin for the first time takes the version that the file names, or the
//! newest that is approved. From then on it runs that component until the file names a newer version
//! or somebody moves it; see `moves`. A file goes down only for plugins of which somebody says so.

use super::change::{self, Change};
use super::keyed::PluginName;
use super::quarantine::AGAIN;
use super::section::Wanted;
use super::versions::{self, is_above};
use super::{owners, purge};
use crate::context::{Context, FaultReport, Status};
use crate::db::{Writes, id, row};
use crate::definition::Definition;
use crate::facts::PluginChange;
use crate::runtime::Manifest;
use crate::{Code, Error, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

row! {
    struct EnabledRow {
        plugin_id: String,
        digest: String,
        config: Value,
        enabled_at: Timestamp,
    }
}

/// What becomes of the plugins of a program.
pub(crate) struct Enabling {
    new: Vec<EnabledRow>,
    /// Those that get another component or other settings, or come back.
    changed: Vec<EnabledRow>,
    disabled: Vec<String>,
    /// What these receive of it.
    changes: Vec<Change>,
}

/// How a plugin stands in a program.
#[derive(FromQueryResult)]
struct Stands {
    plugin_id: String,
    digest: String,
    config: Value,
    status: String,
    fault: Option<Value>,
}

/// A plugin that the program takes up for the first time.
const ENABLE: &str = "
    INSERT INTO program_plugins (program_id, plugin_id, digest, config, status)
    SELECT $1, plugin_id, digest, config, 'ACTIVE'
    FROM {rows} AS r";
/// A plugin with another component or other settings, or one that comes back. What it failed with was
/// the fault of what it was; a pause is an operator's and stays.
const CHANGE: &str = "
    UPDATE program_plugins
    SET digest = r.digest,
        previous_digest = CASE
            WHEN program_plugins.digest = r.digest THEN program_plugins.previous_digest
            ELSE program_plugins.digest
        END,
        moved_at = CASE
            WHEN program_plugins.digest = r.digest THEN program_plugins.moved_at
            ELSE r.enabled_at
        END,
        config = r.config,
        status = CASE WHEN program_plugins.status = 'PAUSED' THEN 'PAUSED' ELSE 'ACTIVE' END,
        fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0, rolled_back = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id";
/// What waits for it, its timers and what it keeps stay, for when it comes back.
const DISABLE: &str = "
    UPDATE program_plugins
    SET status = 'DISABLED', probe_at = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id";

/// Which component each plugin of a program gets, and whether its configuration fits that; those that
/// `back` names may get an older one than they ran. Fails with `PLUGIN_NOT_FOUND`,
/// `PLUGIN_NOT_APPROVED`, `CONFIG_INVALID`, `RECORD_TYPE_TAKEN`, `RECORD_TYPE_UNKNOWN`, or
/// `INVALID_INPUT` where the file names an older version, naming the plugin.
pub(crate) async fn plan(
    context: &Context,
    definition: &Definition,
    program: ProgramId,
    back: &[String],
) -> Result<Enabling> {
    let mut runs = running(context, program).await?;
    let (mut new, mut changed, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let mut manifests = Vec::new();
    for (id, wanted) in definition.plugins() {
        let field = format!("plugins.{id}");
        let before = runs.remove(id);
        let ran = match &before {
            Some(before) => Some(Ran::of(context, &before.digest).await?),
            None => None,
        };
        let may_go_down = back.contains(id);
        let version_before = ran.as_ref().map(|ran| ran.version.clone());
        let digest = choose(context, &definition.slug, id, wanted, ran, may_go_down).await;
        let digest = digest.map_err(|error| error.at(field.clone()))?;
        let manifest = context.component(&digest).await?.manifest;
        manifest.check_config(&wanted.config).map_err(|error| error.at(field))?;
        manifests.push(Arc::clone(&manifest));
        let row = EnabledRow {
            plugin_id: id.clone(),
            digest,
            config: wanted.config.clone(),
            enabled_at: context.now(),
        };
        changes.extend(became(before.as_ref(), &row, manifest, version_before));
        match before {
            None => new.push(row),
            Some(before) if before.is(&row) => {}
            Some(_) => changed.push(row),
        }
    }
    let mut left_out = Vec::new();
    for left in runs.values() {
        left_out.push(context.component(&left.digest).await?.manifest);
    }
    owners::check(&manifests, &left_out)?;
    let disabled = runs.into_values().filter(|left| !left.is_disabled());
    let disabled = disabled.map(|left| left.plugin_id).collect();
    Ok(Enabling { new, changed, disabled, changes })
}

/// What becomes of a plugin by the file; nothing of one that is only let go on.
fn became(
    before: Option<&Stands>,
    row: &EnabledRow,
    manifest: Arc<Manifest>,
    version_before: Option<String>,
) -> Option<Change> {
    let goes_down = version_before.as_ref().is_some_and(|ran| is_above(ran, &manifest.version));
    let change = match before.filter(|before| !before.is_disabled()) {
        None => PluginChange::Enabled,
        Some(before) if before.digest != row.digest && goes_down => PluginChange::RolledBack,
        Some(before) if before.digest != row.digest => PluginChange::Upgraded,
        Some(before) if before.config != row.config => PluginChange::Configured,
        Some(_) => return None,
    };
    Some(Change { change, manifest, version_before })
}

/// What a program ran before the file.
struct Ran {
    digest: String,
    version: String,
}

impl Ran {
    async fn of(context: &Context, digest: &str) -> Result<Self> {
        let version = context.component(digest).await?.manifest.version.clone();
        Ok(Self { digest: digest.to_owned(), version })
    }
}

async fn choose(
    context: &Context,
    slug: &str,
    plugin: &str,
    wanted: &Wanted,
    ran: Option<Ran>,
    may_go_down: bool,
) -> Result<String> {
    match (&wanted.version, ran) {
        (None, None) => Ok(versions::newest(context, plugin).await?.digest),
        (None, Some(ran)) => Ok(ran.digest),
        (Some(version), Some(ran)) if is_above(&ran.version, version) && !may_go_down => {
            Err(goes_down(slug, plugin, version, &ran.version))
        }
        // Another build of the pre-release that it runs may wait for approval: it goes on with this.
        (Some(version), Some(ran)) if *version == ran.version => {
            let offered = versions::installed(context, plugin, version).await?;
            Ok(offered.approval.map_or(ran.digest, |_| offered.digest))
        }
        (Some(version), _) => Ok(versions::version(context, plugin, version).await?.digest),
    }
}

fn goes_down(slug: &str, plugin: &str, version: &str, ran: &str) -> Error {
    let why = format!(
        "the program ran {ran} of the plugin, and a file only goes up: `perennial plugin rollback \
         {plugin} --program {slug} --to {version}` goes down to {version}, and `perennial program \
         apply FILE --rollback {plugin}` does so together with what else the file changes"
    );
    Error::new(Code::InvalidInput, why).at("version")
}

/// The plugins that a program runs or has run, by id.
async fn running(context: &Context, program: ProgramId) -> Result<BTreeMap<String, Stands>> {
    const SELECT: &str = "SELECT plugin_id, digest, config, status, fault FROM program_plugins WHERE program_id = $1";
    let db = &context.db;
    let found = Stands::find_by_statement(db.sql(SELECT, [id(program)])).all(db.read()).await?;
    Ok(found.into_iter().map(|row| (row.plugin_id.clone(), row)).collect())
}

impl Stands {
    fn is_disabled(&self) -> bool {
        Status::of(&self.status) == Status::Disabled
    }

    /// Whether it waits for a larger budget, which the file may give it.
    fn is_out_of_budget(&self) -> bool {
        let fault = self.fault.as_ref().filter(|_| Status::of(&self.status) == Status::Quarantined);
        fault.is_some_and(|fault| fault["kind"] == FaultReport::BUDGET)
    }

    /// Whether it is what the file makes of it already.
    fn is(&self, row: &EnabledRow) -> bool {
        !self.is_disabled()
            && !self.is_out_of_budget()
            && self.digest == row.digest
            && self.config == row.config
    }
}

impl Enabling {
    /// What follows for plugins that the file leaves out, one sentence each.
    pub(crate) async fn notes(&self, context: &Context, program: ProgramId) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        for plugin in &self.disabled {
            let left = purge::left(context, program, plugin).await?;
            let (timers, waiting, states) = (left.timers, left.waiting, left.states);
            notes.push(format!(
                "plugins.{plugin}: is left out, so nothing new comes to it; {timers} timers, \
                 {waiting} events and {states} states wait until a file names it again, or until \
                 `perennial plugin purge {plugin}` takes them away"
            ));
        }
        Ok(notes)
    }

    pub(crate) fn write(&self, writes: &mut Writes) {
        let name = |plugin: &String| PluginName { plugin_id: plugin.clone() };
        for new in &self.new {
            writes.run(ENABLE, new);
        }
        for changed in &self.changed {
            writes.run(CHANGE, changed);
            for again in AGAIN {
                writes.run(again, &name(&changed.plugin_id));
            }
        }
        for plugin in &self.disabled {
            writes.run(DISABLE, &name(plugin));
            change::forget(writes, plugin);
        }
    }

    /// Has the plugins receive what became of them, in a program that may have members. `now` is the
    /// server's.
    pub(crate) fn write_changes(&self, writes: &mut Writes, now: Timestamp) {
        for change in &self.changes {
            change.write(writes, now);
        }
    }
}
