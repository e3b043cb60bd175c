//! Parking a queue.

use super::QueueKey;
use crate::accounts::Lots;
use crate::context::{Context, FaultReport, Program};
use crate::db::{TryError, row};
use crate::operation::{Operation, decide, look_at};
use crate::plugins::queue::{self, Delivery, DeliveryKey};
use crate::plugins::recordings::{Occasion, Recorded};
use crate::{Error, EventId, MemberId, ProgramId, Result, Timestamp};
use serde_json::Value;

row! {
    struct ParkedRow in "parked_queues" {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
        event_id: EventId,
        fault: Value,
        counts: bool,
        parked_at: Timestamp,
    }
}

const WAITS: &str = "
    SELECT q.plugin_id, q.member_id, q.member_seq
    FROM {rows} AS k EACH deliveries AS q
    WHERE q.program_id = $1 AND q.plugin_id = k.plugin_id AND q.member_id = k.member_id
        AND q.member_seq = k.member_seq AND q.not_before = k.lease";
const APART: &str = "
    INSERT INTO parked_deliveries (program_id, plugin_id, member_id, member_seq, event_id)
    SELECT d.program_id, d.plugin_id, d.member_id, d.member_seq, d.event_id
    FROM deliveries AS d
    WHERE d.program_id = $1 AND d.plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND d.member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (d.plugin_id, d.member_id) IN (SELECT r.plugin_id, r.member_id FROM {rows} AS r)";
const LEAVE: &str = "
    DELETE FROM deliveries
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (plugin_id, member_id) IN (SELECT r.plugin_id, r.member_id FROM {rows} AS r)";

/// Parks the queue of a delivery because of a fault, and writes down the call if it was recorded. `counts` says whether the fault is the plugin's.
/// Does nothing if the lease is another's by now, and gives the delivery back if another version of the
/// plugin runs.
pub(in crate::plugins) async fn park(
    context: &Context,
    program: ProgramId,
    (delivery, recorded): (&Delivery, Option<&Recorded>),
    report: &FaultReport,
    counts: bool,
) -> Result<()> {
    let fault = serde_json::to_value(report)
        .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))?;
    let row = ParkedRow {
        plugin_id: delivery.plugin_id.clone(),
        member_id: delivery.member_id,
        member_seq: delivery.member_seq,
        event_id: delivery.event_id,
        fault,
        counts,
        parked_at: context.now(),
    };
    let what = "parking a plugin's queue";
    let digest = report.digest.as_str();
    let attempt = |program| attempt(context, program, &row, (delivery, digest, recorded));
    if decide(context, program, what, attempt).await? {
        return Ok(());
    }
    queue::release(context, program, [delivery]).await
}

async fn attempt(
    context: &Context,
    program: Program,
    row: &ParkedRow,
    (delivery, digest, recorded): (&Delivery, &str, Option<&Recorded>),
) -> Result<bool, TryError> {
    let member = row.member_id;
    let (mut look, states) = look_at(context, &program, [member], Lots::IfDue);
    let waits = look.ask_over::<_, DeliveryKey>(WAITS, &[delivery.lease()]);
    let (answers, program) = context.ask(&program, look).await?;
    if answers.rows(waits)?.is_empty() {
        return Ok(true);
    }
    // What has failed may be another version than the one that runs by now.
    let mut plugins = program.plugins.iter();
    let runs = plugins.find(|plugin| plugin.id == row.plugin_id);
    if runs.is_some_and(|plugin| plugin.component.digest != digest) {
        return Ok(false);
    }
    let mut operation = Operation::begin(context, program, states.read(&answers)?)?;
    let queue = QueueKey { plugin_id: row.plugin_id.clone(), member_id: member };
    if !operation.is_erased(member) {
        let state = operation.change(member)?;
        state.touch();
        state.parked.add(&row.plugin_id);
        operation.insert(row);
        if let Some(recorded) = recorded {
            recorded.write(&mut operation, (member, Occasion::Event(row.event_id)));
        }
        operation.run(APART, &queue);
    }
    operation.run(LEAVE, &queue);
    operation.commit().await?;
    Ok(true)
}
