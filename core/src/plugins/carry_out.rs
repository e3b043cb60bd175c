//! Carrying out what plugins asked for: the effects, the plugins' states and the end of the deliveries in one transaction.

use super::action::{Plan, StateChange};
use super::queue::{self, Delivery};
use crate::db::rows::{self, Field};
use crate::events::{self, NewEvent};
use crate::ledger::{self, Batch, Earning};
use crate::members::{self, Locked};
use crate::programs::Program;
use crate::records::{self, Put};
use crate::timers::{self, Change};
use crate::{Code, Error, Loyalty, MemberId, Result, Subject, Timestamp};
use crate::{messages, tiers};
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A delivery whose plugin answered, checked.
#[derive(Debug)]
pub(super) struct Handled {
    pub(super) delivery: Delivery,
    pub(super) digest: String,
    /// Whose state the plugin changes.
    pub(super) subject: String,
    pub(super) plan: Plan,
    pub(super) actions: usize,
    pub(super) fuel: u64,
    pub(super) log: Vec<String>,
    pub(super) occurred_at: Timestamp,
}

impl Handled {
    fn puts(&self) -> impl Iterator<Item = Put<'_>> {
        let plugin = Some(self.delivery.plugin_id.as_str());
        self.plan.records.iter().map(move |new| Put { new, plugin, at: self.occurred_at })
    }

    fn timer_changes(&self) -> impl Iterator<Item = Change<'_>> {
        let Delivery { plugin_id: plugin, member_id: member, .. } = &self.delivery;
        let change = |(name, timer)| Change { plugin, member: *member, name, timer };
        self.plan.timers.iter().map(|(name, timer)| (name.as_str(), timer.as_ref())).map(change)
    }
}

/// Commits all of it. Fails with `UNAVAILABLE`, and nothing done, when another node was first with any of them.
pub(super) async fn commit(
    loyalty: &Loyalty,
    program: &Program,
    handled: &[Handled],
) -> Result<()> {
    if handled.is_empty() {
        return Ok(());
    }
    let tx = loyalty.db().begin().await?;
    finish_deliveries(&tx, loyalty, program, handled).await?;
    let told = apply(&tx, loyalty, program, handled).await?;
    store_states(&tx, program, handled).await?;
    events::append(&tx, program.id, told, loyalty.now()).await?;
    tx.commit().await?;
    loyalty.wake();
    Ok(())
}

async fn apply(
    tx: &DatabaseTransaction,
    loyalty: &Loyalty,
    program: &Program,
    handled: &[Handled],
) -> Result<Vec<NewEvent>> {
    let mut told = Vec::new();
    let changes_member =
        |done: &&Handled| !done.plan.awards.is_empty() || !done.plan.records.is_empty();
    let members: BTreeSet<_> =
        handled.iter().filter(changes_member).map(|done| done.delivery.member_id).collect();
    if !members.is_empty() {
        let members: Vec<_> = members.into_iter().collect();
        let mut locked = members::lock(tx, program.id, &members).await?;
        let mut batch = Batch::new(program.id, loyalty.now(), &Subject::System);
        told.extend(ledger::expire(tx, &mut batch, program.id, &mut locked, program.now).await?);
        for done in handled {
            award(&mut batch, &mut locked, program, done, &mut told)?;
        }
        let puts: Vec<_> = handled.iter().flat_map(Handled::puts).collect();
        told.extend(records::put(tx, program.id, &mut locked, &puts).await?);
        batch.write(tx).await?;
        members::store(tx, program.id, locked.values()).await?;
    }
    let sent: Vec<_> = handled.iter().flat_map(|done| &done.plan.messages).collect();
    messages::insert(tx, program.id, &sent).await?;
    // A claim holds one delivery of each plugin and member, so no timer is changed twice here.
    let changes: Vec<_> = handled.iter().flat_map(Handled::timer_changes).collect();
    timers::change(tx, program.id, &changes).await?;
    Ok(told)
}

fn award(
    batch: &mut Batch,
    locked: &mut BTreeMap<MemberId, Locked>,
    program: &Program,
    done: &Handled,
    told: &mut Vec<NewEvent>,
) -> Result<()> {
    let Delivery { plugin_id, member_id, event_id, .. } = &done.delivery;
    for planned in &done.plan.awards {
        let Some(member) = locked.get_mut(member_id) else { continue };
        if let Err(error) = member.credit(planned.points) {
            // A full wallet is no fault of the plugin's neighbours: the award is left out and said so.
            tracing::warn!(plugin = plugin_id, member = %member_id, why = error.message(), "an award was left out");
            continue;
        }
        batch.act_as(&Subject::Plugin(plugin_id.clone()));
        let at = done.occurred_at;
        let explanation = json!({
            "plugin": plugin_id, "digest": done.digest, "event": event_id, "key": planned.key,
            "reason": planned.reason, "revision": program.revision,
        });
        let expires_at = program.definition.expiry_of(at)?;
        let transaction =
            batch.earn(member, Earning { points: planned.points, at, expires_at, explanation });
        told.push(
            ledger::earned(member, transaction, planned.points, &planned.reason, at)
                .caused_by(Some(plugin_id)),
        );
        told.extend(tiers::settle_locked(&program.definition.ladder, member, at));
    }
    Ok(())
}

async fn finish_deliveries(
    tx: &DatabaseTransaction,
    loyalty: &Loyalty,
    program: &Program,
    handled: &[Handled],
) -> Result<()> {
    const FIELDS: &rows::Fields = &[
        ("program_id", Field::Id),
        ("plugin_id", Field::Text),
        ("event_id", Field::Id),
        ("digest", Field::Text),
        ("fuel", Field::Int),
        ("actions", Field::Int),
        ("log", Field::Json),
        ("handled_at", Field::Int),
    ];
    let run = |done: &Handled| {
        json!({
            "program_id": rows::hex_text(program.id),
            "plugin_id": done.delivery.plugin_id,
            "event_id": rows::hex_text(done.delivery.event_id),
            "digest": done.digest,
            "fuel": done.fuel,
            "actions": done.actions,
            "log": done.log,
            "handled_at": loyalty.now().microseconds(),
        })
    };
    let runs: Vec<_> = handled.iter().map(run).collect();
    match rows::insert(tx, "plugin_runs", FIELDS, &runs).await {
        Err(error) if error.is_duplicate() => {
            return Err(Error::new(Code::Unavailable, "handled meanwhile").caused_by(error));
        }
        other => other?,
    }
    let finished: Vec<_> = handled.iter().map(|done| &done.delivery).collect();
    queue::remove(tx, program.id, &finished).await
}

async fn store_states(
    tx: &DatabaseTransaction,
    program: &Program,
    handled: &[Handled],
) -> Result<()> {
    const FIELDS: &rows::Fields = &[
        ("program_id", Field::Id),
        ("plugin_id", Field::Text),
        ("member_id", Field::Id),
        ("subject", Field::Text),
        ("data", Field::Json),
    ];
    const UPSERT: &str = "INSERT INTO plugin_states (program_id, plugin_id, member_id, subject, data) \
         SELECT program_id, plugin_id, member_id, subject, data FROM {rows} AS r WHERE true \
         ON CONFLICT (program_id, plugin_id, member_id, subject) DO UPDATE SET data = excluded.data";
    const DELETE: &str = "DELETE FROM plugin_states WHERE (program_id, plugin_id, member_id, subject) IN \
         (SELECT program_id, plugin_id, member_id, subject FROM {rows} AS r)";
    let (mut kept, mut cleared): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for done in handled {
        let row = json!({
            "program_id": rows::hex_text(program.id),
            "plugin_id": done.delivery.plugin_id,
            "member_id": rows::hex_text(done.delivery.member_id),
            "subject": done.subject,
            "data": match &done.plan.state { StateChange::Replace(state) => state, _ => &Value::Null },
        });
        match &done.plan.state {
            StateChange::Keep => {}
            StateChange::Replace(_) => kept.push(row),
            StateChange::Clear => cleared.push(row),
        }
    }
    rows::execute(tx, UPSERT, FIELDS, &kept).await?;
    rows::execute(tx, DELETE, FIELDS, &cleared).await.map(drop)
}
