//! Trying parked queues again.

use super::{QueueKey, Stuck, go_on, not_parked};
use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, Writes, row};
use crate::due::{DueWork, Part};
use crate::operation::{Operation, decide};
use crate::plugins::keyed::PluginName;
use crate::{Error, EventId, MemberId, ProgramId, Result};

/// Lets queues go on that somebody, or another version of the plugin, has freed.
pub(crate) struct Freeing;

row! {
    struct StuckRow {
        plugin_id: String,
        member_id: MemberId,
        event_id: EventId,
    }
}

/// Frees all queues of a plugin, over its name.
pub(in crate::plugins) const FREE_ALL: &str = "
    UPDATE parked_queues
    SET free_at = 0
    FROM {rows} AS r
    WHERE parked_queues.program_id = $1 AND parked_queues.plugin_id = r.plugin_id";

/// As many as one commit frees at most; it is the limit of `FREED`.
const QUEUES_MAX: usize = 256;
const FREED: &str = "
    SELECT q.plugin_id, q.member_id
    FROM parked_queues AS q
    WHERE q.program_id = $1 AND q.free_at IS NOT NULL
    ORDER BY q.free_at, q.plugin_id, q.member_id
    LIMIT 256";
const STUCK: &str = "
    SELECT q.plugin_id, q.member_id
    FROM {rows} AS k EACH parked_queues AS q
    WHERE q.program_id = $1 AND q.plugin_id = k.plugin_id AND q.member_id = k.member_id
        AND q.event_id = k.event_id";
const WHO: &str = "SELECT DISTINCT member_id AS id FROM freed";

#[async_trait::async_trait]
impl DueWork for Freeing {
    fn name(&self) -> &'static str {
        "parked_queues"
    }

    fn next(&self) -> &'static str {
        "SELECT MIN(q.free_at)
        FROM parked_queues AS q
        WHERE q.program_id = p.id AND q.free_at IS NOT NULL"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let free = |program| attempt(context, program, None);
        let freed = decide(context, program.id, "freeing plugins' queues", free).await?;
        Ok(Part::of(freed, QUEUES_MAX))
    }
}

/// Tries the event again that a plugin stands still over. Fails with `EVENT_NOT_PARKED`.
pub(in crate::plugins) async fn free(
    context: &Context,
    program: ProgramId,
    stuck: &Stuck<'_>,
) -> Result<()> {
    let row = StuckRow {
        plugin_id: stuck.plugin.to_owned(),
        member_id: stuck.member,
        event_id: stuck.event,
    };
    let what = "freeing a plugin's queue";
    let freed = decide(context, program, what, |program| attempt(context, program, Some(&row)));
    if freed.await? == 0 { Err(not_parked(stuck.plugin)) } else { Ok(()) }
}

/// Puts back all that waits apart for a plugin.
pub(in crate::plugins) async fn free_all(
    context: &Context,
    program: ProgramId,
    plugin: &str,
) -> Result<()> {
    let mut writes = Writes::to(program);
    writes.run(FREE_ALL, &PluginName { plugin_id: plugin.to_owned() });
    context.db.commit(writes).await.map_err(Error::from)?;
    let what = "freeing plugins' queues";
    while decide(context, program, what, |program| attempt(context, program, None)).await? > 0 {}
    Ok(())
}

/// Frees one, or some of those that are to go on; returns how many.
async fn attempt(
    context: &Context,
    program: Program,
    one: Option<&StuckRow>,
) -> Result<usize, TryError> {
    let mut look = context.look(program.id);
    match one {
        Some(row) => look.table_over("freed", STUCK, std::slice::from_ref(row)),
        None => look.table("freed", FREED),
    }
    look.table("who", WHO);
    let queues = look.ask::<QueueKey>("SELECT plugin_id, member_id FROM freed");
    let states = ask_states(&mut look, Lots::IfDue);
    let (answers, program) = context.ask(&program, look).await?;
    let queues = answers.rows(queues)?;
    if queues.is_empty() {
        return Ok(0);
    }
    let mut operation = Operation::begin(context, program, states.read(&answers)?)?;
    for queue in &queues {
        go_on(&mut operation, queue)?;
    }
    operation.commit().await?;
    Ok(queues.len())
}
