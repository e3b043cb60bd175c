//! Parking a plugin in a program, and letting it go on.

use crate::context::{Context, Enabled, FaultReport, Program, Status};
use crate::db::{Writes, row};
use crate::runtime::Fault;
use crate::{Error, EventId, MemberId, ProgramId, Result, Timestamp};
use serde_json::Value;

row! {
    struct Parked {
        plugin_id: String,
        status: &'static str,
        fault: Value,
        quarantined_at: Timestamp,
        digest: String,
    }
}

row! {
    pub(super) struct PluginName {
        pub(super) plugin_id: String,
    }
}

row! {
    struct Faulty {
        plugin_id: String,
        fault: Value,
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
const PARK: &str = "
    UPDATE program_plugins
    SET status = r.status, fault = r.fault, quarantined_at = r.quarantined_at
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.status = 'ACTIVE' AND program_plugins.digest = r.digest";
const RESUME: &str = "
    UPDATE program_plugins
    SET status = 'ACTIVE', fault = NULL, quarantined_at = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id";
pub(super) const RETRY: &str = "
    UPDATE deliveries
    SET attempts = 0, not_before = 0
    FROM {rows} AS r
    WHERE deliveries.program_id = $1 AND deliveries.plugin_id = r.plugin_id";
const FAULTS: &str = "
    SELECT e.plugin_id, e.fault
    FROM program_plugins AS e
    WHERE e.program_id = $1 AND e.fault IS NOT NULL";
const REWORD: &str = "
    UPDATE program_plugins
    SET fault = r.fault
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.fault IS NOT NULL";
const CHANGED: &str = "
    UPDATE programs
    SET version = programs.version + r.by
    FROM {rows} AS r
    WHERE programs.id = $1";

/// A component that was mended: whoever parked it goes on with it, and every program that runs it is
/// read anew.
const RESUME_EVERYWHERE: [&str; 3] = [
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
    "UPDATE program_plugins
    SET status = 'ACTIVE', fault = NULL, quarantined_at = NULL
    WHERE digest IN (SELECT r.digest FROM {rows} AS r)",
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
    for Faulty { plugin_id, fault } in context.show(look).await?.rows(faults)? {
        let report = serde_json::from_value::<FaultReport>(fault.clone());
        let report = report.map_err(|error| Error::internal("a stored fault").caused_by(error))?;
        if report.member.is_none_or(|met| met == member) {
            let report = report.without_words();
            let said = serde_json::to_value(&report)
                .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))?;
            if said != fault {
                writes.run(REWORD, &Faulty { plugin_id, fault: said });
            }
        }
    }
    if writes.is_empty() {
        return Ok(());
    }
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)
}

/// Makes every process read the program anew.
pub(crate) fn program_changed(writes: &mut Writes) {
    writes.run(CHANGED, &Step { by: 1 });
}

/// Parks a plugin with the reason.
pub(super) async fn park(
    context: &Context,
    program: &Program,
    plugin: &Enabled,
    fault: &Fault,
    met: Option<(MemberId, EventId)>,
) -> Result<()> {
    let report = FaultReport::new(fault, met, &plugin.component.digest);
    tracing::warn!(
        plugin = plugin.id,
        program = program.definition.slug,
        event = report.event.map(tracing::field::display),
        kind = report.kind,
        message = report.message,
        "a plugin is quarantined"
    );
    let mut writes = Writes::to(program.id);
    writes.run(
        PARK,
        &Parked {
            plugin_id: plugin.id.clone(),
            status: Status::Quarantined.as_str(),
            fault: serde_json::to_value(&report)
                .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))?,
            quarantined_at: context.now(),
            digest: report.digest,
        },
    );
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)
}

/// Lets a plugin go on where it stopped.
pub(super) async fn resume(context: &Context, program: ProgramId, plugin: &str) -> Result<()> {
    let mut writes = Writes::to(program);
    add_resume(&mut writes, plugin);
    context.db.commit(writes).await.map_err(Error::from)
}

pub(super) fn add_resume(writes: &mut Writes, plugin: &str) {
    let name = PluginName { plugin_id: plugin.to_owned() };
    writes.run(RESUME, &name);
    writes.run(RETRY, &name);
    program_changed(writes);
}
