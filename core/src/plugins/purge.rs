//! Taking away what a disabled plugin left in a program. Its runs stay, for they say why points were
//! given; so do records, which are the members' and the shop's.

use super::keyed::PluginName;
use super::parking;
use super::quarantine::program_changed;
use crate::context::{Context, Status};
use crate::db::{Writes, id};
use crate::{Code, Error, ProgramId, Result};
use sea_orm::FromQueryResult;

/// What a plugin has in a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Left {
    /// Members and records of which it keeps something.
    pub states: i64,
    /// What it keeps of members under keys of its own.
    pub values: i64,
    /// Timers that are set.
    pub timers: i64,
    /// Events that wait for it, those over which it stands still included.
    pub waiting: i64,
    /// Events that were skipped.
    pub dead_letters: i64,
    /// Purchases about which it was not heard yet.
    pub missed: i64,
}

const LEFT: &str = "
    SELECT
        CAST((SELECT COUNT(*) FROM plugin_states WHERE program_id = $1 AND plugin_id = $2
            AND subject NOT LIKE '#%') AS BIGINT) AS states,
        CAST((SELECT COUNT(*) FROM plugin_states WHERE program_id = $1 AND plugin_id = $2
            AND subject LIKE '#%') AS BIGINT) AS \"values\",
        CAST((SELECT COUNT(*) FROM timers WHERE program_id = $1 AND plugin_id = $2) AS BIGINT)
            AS timers,
        CAST((SELECT COUNT(*) FROM deliveries WHERE program_id = $1 AND plugin_id = $2)
            + (SELECT COUNT(*) FROM parked_deliveries WHERE program_id = $1 AND plugin_id = $2)
            AS BIGINT) AS waiting,
        CAST((SELECT COUNT(*) FROM dead_letters WHERE program_id = $1 AND plugin_id = $2) AS BIGINT)
            AS dead_letters,
        CAST((SELECT COUNT(*) FROM missed_appraisals WHERE program_id = $1 AND plugin_id = $2
            AND ended_at IS NULL) AS BIGINT) AS missed";

/// A part of each, so that no purchase waits for all of it.
const PART: [&str; 5] = [
    "DELETE FROM plugin_states
    WHERE program_id = $1 AND (plugin_id, member_id, subject) IN (
        SELECT s.plugin_id, s.member_id, s.subject
        FROM {rows} AS r
        CROSS JOIN plugin_states AS s
        WHERE s.program_id = $1 AND s.plugin_id = r.plugin_id
        LIMIT 1000
    )",
    "DELETE FROM timers
    WHERE program_id = $1 AND id IN (
        SELECT x.id
        FROM {rows} AS r
        CROSS JOIN timers AS x
        WHERE x.program_id = $1 AND x.plugin_id = r.plugin_id
        LIMIT 1000
    )",
    "DELETE FROM deliveries
    WHERE program_id = $1 AND (plugin_id, member_id, member_seq) IN (
        SELECT d.plugin_id, d.member_id, d.member_seq
        FROM {rows} AS r
        CROSS JOIN deliveries AS d
        WHERE d.program_id = $1 AND d.plugin_id = r.plugin_id
        LIMIT 1000
    )",
    "DELETE FROM dead_letters
    WHERE program_id = $1 AND (plugin_id, member_id, member_seq) IN (
        SELECT d.plugin_id, d.member_id, d.member_seq
        FROM {rows} AS r
        CROSS JOIN dead_letters AS d
        WHERE d.program_id = $1 AND d.plugin_id = r.plugin_id
        LIMIT 1000
    )",
    "DELETE FROM missed_appraisals
    WHERE program_id = $1 AND (purchase_id, plugin_id) IN (
        SELECT m.purchase_id, m.plugin_id
        FROM {rows} AS r
        CROSS JOIN missed_appraisals AS m
        WHERE m.program_id = $1 AND m.plugin_id = r.plugin_id AND m.ended_at IS NULL
        LIMIT 1000
    )",
];
/// What it has given in periods that are over is nobody's business any more.
const FORGET_SPENDING: &str = "
    DELETE FROM plugin_spending
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)";
const FORGET: &str = "
    DELETE FROM program_plugins
    WHERE program_id = $1 AND plugin_id IN (SELECT r.plugin_id FROM {rows} AS r)
        AND status = 'DISABLED'";

/// What a plugin has in a program, enabled or not.
pub(super) async fn left(context: &Context, program: ProgramId, plugin: &str) -> Result<Left> {
    let db = &context.db;
    let statement = db.sql(LEFT, [id(program), plugin.into()]);
    Ok(Left::find_by_statement(statement).one(db.read()).await?.unwrap_or_default())
}

/// Takes all of it away, for good, and returns what it was. Fails with `PLUGIN_NOT_FOUND`, and with
/// `PLUGIN_ENABLED` while the program file names the plugin.
pub(super) async fn purge(context: &Context, program: ProgramId, plugin: &str) -> Result<Left> {
    require_disabled(context, program, plugin).await?;
    let left = left(context, program, plugin).await?;
    parking::free_all(context, program, plugin).await?;
    let name = PluginName { plugin_id: plugin.to_owned() };
    while Left::default() != self::left(context, program, plugin).await? {
        let mut writes = Writes::to(program);
        for part in PART {
            writes.run(part, &name);
        }
        context.db.commit(writes).await.map_err(Error::from)?;
    }
    let mut writes = Writes::to(program);
    writes.run(FORGET, &name);
    writes.run(FORGET_SPENDING, &name);
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)?;
    context.forget(program);
    Ok(left)
}

async fn require_disabled(context: &Context, program: ProgramId, plugin: &str) -> Result<()> {
    let current = context.current(program).await?;
    let stands = current.plugins.iter().find(|known| known.id == plugin);
    match stands.map(|known| known.status) {
        Some(Status::Disabled) => Ok(()),
        Some(_) => {
            let why = format!("the program file names `{plugin}`: take it out and apply the file");
            Err(Error::new(Code::PluginEnabled, why).at("pluginKey"))
        }
        None => {
            let why =
                format!("the program has never enabled a plugin `{plugin}`, or it was purged");
            Err(Error::new(Code::PluginNotFound, why).at("pluginKey"))
        }
    }
}
