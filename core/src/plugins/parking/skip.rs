//! Skipping the event that a plugin stands still over, and delivering it after all.

use super::{QueueKey, Stuck, end, not_parked};
use crate::accounts::Lots;
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::operation::{Operation, decide, look_at};
use crate::{Actor, Code, Error, EventId, MemberId, Result, Timestamp, text};
use serde_json::Value;

row! {
    struct StuckRow {
        plugin_id: String,
        member_id: MemberId,
        event_id: EventId,
    }
}

row! {
    struct Found {
        member_seq: i64,
        fault: Value,
    }
}

row! {
    struct DeadLetterRow in "dead_letters" {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
        event_id: EventId,
        fault: Value,
        reason: String,
        actor: String,
        skipped_at: Timestamp,
    }
}

row! {
    struct DeliveryRow {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
        event_id: EventId,
    }
}

const PARKED: &str = "
    SELECT q.member_seq, q.fault
    FROM {rows} AS k EACH parked_queues AS q
    WHERE q.program_id = $1 AND q.plugin_id = k.plugin_id AND q.member_id = k.member_id
        AND q.event_id = k.event_id";
const DEAD: &str = "
    SELECT x.member_seq, x.fault
    FROM {rows} AS k EACH dead_letters AS x
    WHERE x.program_id = $1 AND x.plugin_id = k.plugin_id AND x.member_id = k.member_id
        AND x.event_id = k.event_id";
/// All but what is skipped.
const BACK_BUT: &str = "
    INSERT INTO deliveries (program_id, plugin_id, member_id, member_seq, event_id, attempts,
        not_before)
    SELECT d.program_id, d.plugin_id, d.member_id, d.member_seq, d.event_id, 0, 0
    FROM parked_deliveries AS d
    WHERE d.program_id = $1 AND d.plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND d.member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (d.plugin_id, d.member_id) IN (SELECT r.plugin_id, r.member_id FROM {rows} AS r)
        AND (d.plugin_id, d.member_id, d.member_seq) NOT IN (
            SELECT r.plugin_id, r.member_id, r.member_seq FROM {rows} AS r
        )";
const DELIVER: &str = "
    INSERT INTO deliveries (program_id, plugin_id, member_id, member_seq, event_id, attempts,
        not_before)
    SELECT $1, plugin_id, member_id, member_seq, event_id, 0, 0
    FROM {rows} AS r";
const DELIVER_APART: &str = "
    INSERT INTO parked_deliveries (program_id, plugin_id, member_id, member_seq, event_id)
    SELECT $1, plugin_id, member_id, member_seq, event_id
    FROM {rows} AS r";
const REVIVE: &str = "
    DELETE FROM dead_letters
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (plugin_id, member_id, member_seq) IN (
            SELECT r.plugin_id, r.member_id, r.member_seq FROM {rows} AS r
        )";

/// Skips the event that a plugin stands still over, and goes on with the next. A repeat does nothing.
/// Fails with `EVENT_NOT_PARKED`, and with `INVALID_INPUT` without a reason.
pub(in crate::plugins) async fn skip(
    context: &Context,
    actor: &Actor,
    stuck: &Stuck<'_>,
    reason: &str,
) -> Result<()> {
    text::name("reason", reason)?;
    let what = "skipping an event";
    let attempt = |program| attempt_skip(context, program, actor, stuck, reason);
    decide(context, actor.program(), what, attempt).await
}

async fn attempt_skip(
    context: &Context,
    program: Program,
    actor: &Actor,
    stuck: &Stuck<'_>,
    reason: &str,
) -> Result<(), TryError> {
    let (mut look, states) = look_at(context, &program, [stuck.member], Lots::IfDue);
    let key = [StuckRow::of(stuck)];
    let parked = look.ask_over::<_, Found>(PARKED, &key);
    let dead = look.ask_over::<_, Found>(DEAD, &key);
    let (answers, program) = context.ask(&program, look).await?;
    let Some(Found { member_seq, fault }) = answers.rows(parked)?.pop() else {
        let is_skipped = !answers.rows(dead)?.is_empty();
        return if is_skipped { Ok(()) } else { Err(not_parked(stuck.plugin).into()) };
    };
    let mut operation = Operation::begin(context, program, states.read(&answers)?)?;
    let queue = QueueKey { plugin_id: stuck.plugin.to_owned(), member_id: stuck.member };
    let state = operation.change(stuck.member)?;
    state.touch();
    state.parked.remove(stuck.plugin);
    operation.run(BACK_BUT, &DeliveryRow::of(stuck, member_seq));
    end(&mut operation, &queue);
    operation.insert(&DeadLetterRow {
        plugin_id: stuck.plugin.to_owned(),
        member_id: stuck.member,
        member_seq,
        event_id: stuck.event,
        fault,
        reason: reason.to_owned(),
        actor: actor.subject().to_string(),
        skipped_at: operation.recorded_at(),
    });
    operation.commit().await
}

/// Delivers an event after all that was skipped: before what waits of the member, for it is older.
/// Fails with `EVENT_NOT_SKIPPED`.
pub(in crate::plugins) async fn redeliver(
    context: &Context,
    actor: &Actor,
    stuck: &Stuck<'_>,
) -> Result<()> {
    let what = "delivering a dead letter";
    let attempt = |program| attempt_redeliver(context, program, stuck);
    decide(context, actor.program(), what, attempt).await
}

async fn attempt_redeliver(
    context: &Context,
    program: Program,
    stuck: &Stuck<'_>,
) -> Result<(), TryError> {
    let (mut look, states) = look_at(context, &program, [stuck.member], Lots::IfDue);
    let dead = look.ask_over::<_, Found>(DEAD, &[StuckRow::of(stuck)]);
    let (answers, program) = context.ask(&program, look).await?;
    let Some(Found { member_seq, .. }) = answers.rows(dead)?.pop() else {
        let why = format!("that event was not skipped for `{}`", stuck.plugin);
        return Err(Error::new(Code::EventNotSkipped, why).at("eventId").into());
    };
    let mut operation = Operation::begin(context, program, states.read(&answers)?)?;
    let state = operation.change(stuck.member)?;
    state.touch();
    let is_parked = state.parked.contains(stuck.plugin);
    let delivery = DeliveryRow::of(stuck, member_seq);
    operation.run(if is_parked { DELIVER_APART } else { DELIVER }, &delivery);
    operation.run(REVIVE, &delivery);
    operation.commit().await
}

impl StuckRow {
    fn of(stuck: &Stuck<'_>) -> Self {
        let Stuck { plugin, member, event } = *stuck;
        Self { plugin_id: plugin.to_owned(), member_id: member, event_id: event }
    }
}

impl DeliveryRow {
    fn of(stuck: &Stuck<'_>, member_seq: i64) -> Self {
        Self {
            plugin_id: stuck.plugin.to_owned(),
            member_id: stuck.member,
            member_seq,
            event_id: stuck.event,
        }
    }
}
