//! Stopping a plugin in a program, and letting it go on.

use super::keyed::PluginName;
use super::parking::FREE_ALL;
use crate::context::{Context, Enabled, FaultReport, Program, Status};
use crate::db::{Writes, row};
use crate::{Error, MemberId, ProgramId, Result, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// How long a plugin is left alone after it was quarantined for the first, the second, each further
/// time in a row; then it is tried on one event.
const WAITS: [Duration; 3] =
    [Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(30)];

row! {
    struct Stopped {
        plugin_id: String,
        status: &'static str,
        fault: Value,
        quarantined_at: Timestamp,
        probe_at: Timestamp,
        probes: i64,
        digest: String,
    }
}

row! {
    struct Faulty {
        plugin_id: String,
        fault: Option<Value>,
        rolled_back: Option<Value>,
    }
}

row! {
    struct Mended {
        digest: String,
    }
}

row! {
    struct Step {
        by: i64,
    }
}

/// Unless the program has gone over to another version since the fault.
const STOP: &str = "
    UPDATE program_plugins
    SET status = r.status, fault = r.fault, quarantined_at = r.quarantined_at,
        probe_at = r.probe_at, probes = r.probes
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.status IN ('ACTIVE', 'PROBING') AND program_plugins.digest = r.digest";
const RESUME: &str = "
    UPDATE program_plugins
    SET status = 'ACTIVE', fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.status <> 'DISABLED'";
const PASS: &str = "
    UPDATE program_plugins
    SET status = 'ACTIVE', fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.status = 'PROBING'";
const PAUSE: &str = "
    UPDATE program_plugins
    SET status = 'PAUSED', probe_at = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.status <> 'DISABLED'";
const RETRY: &str = "
    UPDATE deliveries
    SET attempts = 0, not_before = 0
    FROM {rows} AS r
    WHERE deliveries.program_id = $1 AND deliveries.plugin_id = r.plugin_id";
/// Asks a plugin again about all purchases about which it was not heard.
const REAPPRAISE_ALL: &str = "
    UPDATE missed_appraisals
    SET due_at = 0, attempts = 0
    FROM {rows} AS r
    WHERE missed_appraisals.program_id = $1 AND missed_appraisals.plugin_id = r.plugin_id
        AND missed_appraisals.ended_at IS NULL";
/// What tries everything again that a plugin has failed on, over its name.
pub(super) const AGAIN: [&str; 3] = [RETRY, FREE_ALL, REAPPRAISE_ALL];
const FAULTS: &str = "
    SELECT e.plugin_id, e.fault, e.rolled_back
    FROM program_plugins AS e
    WHERE e.program_id = $1 AND (e.fault IS NOT NULL OR e.rolled_back IS NOT NULL)";
const REWORD: &str = "
    UPDATE program_plugins
    SET fault = CASE WHEN program_plugins.fault IS NOT NULL THEN r.fault END,
        rolled_back = CASE WHEN program_plugins.rolled_back IS NOT NULL THEN r.rolled_back END
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id";
const CHANGED: &str = "
    UPDATE programs
    SET version = programs.version + r.by
    FROM {rows} AS r
    WHERE programs.id = $1";

/// A component that was mended: whoever stopped it goes on with it, and every program that runs it is
/// read anew.
const RESUME_EVERYWHERE: [&str; 5] = [
    "UPDATE programs
    SET version = version + 1
    WHERE id IN (
        SELECT e.program_id
        FROM {rows} AS r
        CROSS JOIN program_plugins AS e
        WHERE e.digest = r.digest
    )",
    "UPDATE deliveries
    SET attempts = 0, not_before = 0
    WHERE attempts > 0 AND (program_id, plugin_id) IN (
        SELECT e.program_id, e.plugin_id
        FROM {rows} AS r
        CROSS JOIN program_plugins AS e
        WHERE e.digest = r.digest
    )",
    "UPDATE missed_appraisals
    SET due_at = 0
    WHERE ended_at IS NULL AND (program_id, plugin_id) IN (
        SELECT e.program_id, e.plugin_id
        FROM {rows} AS r
        CROSS JOIN program_plugins AS e
        WHERE e.digest = r.digest
    )",
    "UPDATE parked_queues
    SET free_at = 0
    WHERE (program_id, plugin_id) IN (
        SELECT e.program_id, e.plugin_id
        FROM {rows} AS r
        CROSS JOIN program_plugins AS e
        WHERE e.digest = r.digest
    )",
    "UPDATE program_plugins
    SET status = 'ACTIVE', fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0
    WHERE status IN ('QUARANTINED', 'PROBING') AND digest IN (SELECT r.digest FROM {rows} AS r)",
];

pub(super) fn add_resume_everywhere(writes: &mut Writes, digest: &str) {
    let component = Mended { digest: digest.to_owned() };
    for update in RESUME_EVERYWHERE {
        writes.run(update, &component);
    }
}

/// Takes away what faults say of a member, and of nobody knows whom: a plugin's words, and which
/// event it met. The plugin stays quarantined.
pub(crate) async fn forget_faults_of(
    context: &Context,
    program: ProgramId,
    member: MemberId,
) -> Result<()> {
    let mut look = context.look(program);
    let faults = look.ask::<Faulty>(FAULTS);
    let mut writes = Writes::to(program);
    for faulty in context.show(look).await?.rows(faults)? {
        let fault = faulty.fault.clone().map(|fault| reworded(fault, member)).transpose()?;
        let mut rolled_back = faulty.rolled_back.clone();
        if let Some(rolled_back) = &mut rolled_back {
            rolled_back["fault"] = reworded(rolled_back["fault"].take(), member)?;
        }
        let reworded = Faulty { plugin_id: faulty.plugin_id, fault, rolled_back };
        if (&reworded.fault, &reworded.rolled_back) != (&faulty.fault, &faulty.rolled_back) {
            writes.run(REWORD, &reworded);
        }
    }
    if writes.is_empty() {
        return Ok(());
    }
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)
}

/// A stored fault without a member's words, if it was about that member or about nobody known.
fn reworded(fault: Value, member: MemberId) -> Result<Value> {
    let report = serde_json::from_value::<FaultReport>(fault.clone());
    let report = report.map_err(|error| Error::internal("a stored fault").caused_by(error))?;
    if report.member.is_some_and(|met| met != member) {
        return Ok(fault);
    }
    serde_json::to_value(report.without_words())
        .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))
}

/// Makes every process read the program anew.
pub(crate) fn program_changed(writes: &mut Writes) {
    writes.run(CHANGED, &Step { by: 1 });
}

/// Stops a plugin with the reason, until a probe or somebody lets it go on.
pub(super) async fn stop(
    context: &Context,
    program: &Program,
    plugin: &Enabled,
    report: &FaultReport,
) -> Result<()> {
    stop_until(context, program, plugin, (report, None)).await
}

/// The same until an instant, if there is one.
pub(super) async fn stop_until(
    context: &Context,
    program: &Program,
    plugin: &Enabled,
    (report, until): (&FaultReport, Option<Timestamp>),
) -> Result<()> {
    tracing::warn!(
        plugin = plugin.id,
        program = program.definition.slug,
        event = report.event.map(tracing::field::display),
        kind = report.kind,
        message = report.message,
        "a plugin is quarantined"
    );
    let (now, probes) = (context.now(), plugin.probes + 1);
    let mut writes = Writes::to(program.id);
    writes.run(
        STOP,
        &Stopped {
            plugin_id: plugin.id.clone(),
            status: Status::Quarantined.as_str(),
            fault: serde_json::to_value(report)
                .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))?,
            quarantined_at: now,
            probe_at: until.unwrap_or_else(|| now.plus(wait(plugin.probes))),
            probes,
            digest: report.digest.clone(),
        },
    );
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)
}

/// How long a plugin is left alone that was quarantined so often in a row before.
fn wait(probes: i64) -> Duration {
    let index = usize::try_from(probes).unwrap_or_default();
    WAITS[index.min(WAITS.len() - 1)]
}

/// Lets a plugin go on that has passed its probe.
pub(super) async fn pass(context: &Context, program: &Program, plugin: &Enabled) -> Result<()> {
    let (slug, id) = (&program.definition.slug, &plugin.id);
    tracing::info!(plugin = id, program = slug, "a quarantined plugin has passed its probe");
    write(context, program.id, id, &[PASS]).await
}

/// Lets a plugin go on where it stopped, and tries again all that it stands still over.
pub(super) async fn resume(context: &Context, program: ProgramId, plugin: &str) -> Result<()> {
    write(context, program, plugin, &[RESUME, RETRY, FREE_ALL, REAPPRAISE_ALL]).await
}

/// Stops a plugin because an operator says so.
pub(super) async fn pause(context: &Context, program: ProgramId, plugin: &str) -> Result<()> {
    write(context, program, plugin, &[PAUSE]).await
}

async fn write(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    updates: &[&'static str],
) -> Result<()> {
    let mut writes = Writes::to(program);
    let name = PluginName { plugin_id: plugin.to_owned() };
    for update in updates {
        writes.run(update, &name);
    }
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)
}
