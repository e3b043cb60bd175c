//! Timers: durable wake-ups of plugins. Firing one removes it and records the event `timer-fired`, so time uses the same road
//! as everything else. The event happens at the instant that the timer was due, whenever the firing ran.

use crate::db::rows::{self, Field};
use crate::events::{self, NewEvent};
use crate::members;
use crate::programs::Program;
use crate::records;
use crate::{Loyalty, MemberId, ProgramId, Result, TimerId, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most timers that one transaction fires.
const FIRE_MAX: u64 = 256;

/// A timer about to be set.
#[derive(Clone, Debug)]
pub(crate) struct NewTimer {
    pub(crate) plugin: String,
    pub(crate) member: MemberId,
    /// Unique per plugin and member.
    pub(crate) name: String,
    pub(crate) due_at: Timestamp,
    pub(crate) data: Value,
    /// Type and external id of the record that the wake-up is about.
    pub(crate) about: Option<(String, String)>,
}

#[derive(FromQueryResult)]
struct Due {
    id: TimerId,
    plugin_id: String,
    member_id: MemberId,
    name: String,
    due_at: Timestamp,
    data: Value,
    record_type: Option<String>,
    record_external_id: Option<String>,
}

/// The service. Get it from [`Loyalty::timers`].
#[derive(Clone, Copy, Debug)]
pub struct Timers<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Timers<'_> {
    /// Fires what is due by the program's now, in order, at most [`FIRE_MAX`]; answers how many.
    pub(crate) async fn fire(self, program: &Program) -> Result<usize> {
        const SELECT: &str = "SELECT id, plugin_id, member_id, name, due_at, data, record_type, record_external_id \
             FROM timers WHERE program_id = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3";
        // A look without a lock first: mostly nothing is due, and then nobody is kept waiting.
        let db = self.loyalty.db().read();
        let values = || [rows::id(program.id), program.now.into(), rows::limit(FIRE_MAX)];
        if Due::find_by_statement(rows::sql(db, SELECT, values())).one(db).await?.is_none() {
            return Ok(0);
        }
        let tx = self.loyalty.db().begin().await?;
        let locking = match tx.get_database_backend() {
            DbBackend::Postgres => format!("{SELECT} FOR UPDATE SKIP LOCKED"),
            _ => SELECT.to_owned(),
        };
        let due = Due::find_by_statement(rows::sql(&tx, &locking, values())).all(&tx).await?;
        let ids: BTreeSet<_> = due.iter().map(|timer| timer.member_id).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut locked = members::lock(&tx, program.id, &ids).await?;
        let mut told = Vec::new();
        for timer in &due {
            let record = timer.record(&tx, program.id).await?;
            let data = json!({ "name": timer.name, "data": timer.data, "record": record });
            if let Some(member) = locked.get_mut(&timer.member_id) {
                let event = NewEvent::of(member, "timer-fired", timer.due_at, data);
                told.push(event.only_for(&timer.plugin_id));
            }
        }
        remove(&tx, program.id, &due).await?;
        members::store(&tx, program.id, locked.values()).await?;
        events::append(&tx, program.id, told, self.loyalty.now()).await?;
        tx.commit().await?;
        self.loyalty.wake();
        Ok(due.len())
    }

    /// When the next timer of the program is due.
    pub(crate) async fn next_due(self, program: ProgramId) -> Result<Option<Timestamp>> {
        #[derive(FromQueryResult)]
        struct Next {
            at: Option<Timestamp>,
        }
        const SELECT: &str = "SELECT MIN(due_at) AS at FROM timers WHERE program_id = $1";
        let db = self.loyalty.db().read();
        let next =
            Next::find_by_statement(rows::sql(db, SELECT, [rows::id(program)])).one(db).await?;
        Ok(next.and_then(|next| next.at))
    }
}

impl Due {
    /// The record that the timer is about, as it is now.
    async fn record(&self, tx: &DatabaseTransaction, program: ProgramId) -> Result<Value> {
        let (Some(record_type), Some(external_id)) = (&self.record_type, &self.record_external_id)
        else {
            return Ok(Value::Null);
        };
        let found = records::find(tx, program, record_type, external_id).await?;
        Ok(found.map_or(Value::Null, |record| {
            json!({ "type": record.record_type, "externalId": record.external_id, "data": record.data })
        }))
    }
}

/// Sets timers by name, or cancels those without a value. Setting one again moves it.
pub(crate) async fn set(
    tx: &DatabaseTransaction,
    program: ProgramId,
    plugin: &str,
    member: MemberId,
    timers: &BTreeMap<String, Option<NewTimer>>,
) -> Result<()> {
    const FIELDS: &rows::Fields = &[
        ("program_id", Field::Id),
        ("id", Field::Id),
        ("plugin_id", Field::Text),
        ("member_id", Field::Id),
        ("name", Field::Text),
        ("due_at", Field::Int),
        ("data", Field::Json),
        ("record_type", Field::Text),
        ("record_external_id", Field::Text),
    ];
    const UPSERT: &str = "INSERT INTO timers (program_id, id, plugin_id, member_id, name, due_at, data, \
           record_type, record_external_id) \
         SELECT program_id, id, plugin_id, member_id, name, due_at, data, record_type, record_external_id \
         FROM {rows} AS r WHERE true \
         ON CONFLICT (program_id, plugin_id, member_id, name) DO UPDATE SET due_at = excluded.due_at, \
           data = excluded.data, record_type = excluded.record_type, \
           record_external_id = excluded.record_external_id";
    const CANCEL: &str = "DELETE FROM timers WHERE program_id = $1 AND plugin_id = $2 AND member_id = $3 AND name = $4";
    for name in timers.iter().filter(|(_, timer)| timer.is_none()).map(|(name, _)| name) {
        let values = [rows::id(program), plugin.into(), rows::id(member), name.as_str().into()];
        tx.execute_raw(rows::sql(tx, CANCEL, values)).await?;
    }
    let row = |timer: &NewTimer| {
        json!({
            "program_id": rows::hex_text(program),
            "id": rows::hex_text(TimerId::new()),
            "plugin_id": timer.plugin,
            "member_id": rows::hex_text(timer.member),
            "name": timer.name,
            "due_at": timer.due_at.microseconds(),
            "data": timer.data,
            "record_type": timer.about.as_ref().map(|(record_type, _)| record_type),
            "record_external_id": timer.about.as_ref().map(|(_, external_id)| external_id),
        })
    };
    let set: Vec<_> = timers.values().flatten().map(row).collect();
    rows::execute(tx, UPSERT, FIELDS, &set).await.map(drop)
}

async fn remove(tx: &DatabaseTransaction, program: ProgramId, due: &[Due]) -> Result<()> {
    const FIELDS: &rows::Fields = &[("program_id", Field::Id), ("id", Field::Id)];
    const DELETE: &str =
        "DELETE FROM timers WHERE (program_id, id) IN (SELECT program_id, id FROM {rows} AS r)";
    let row = |timer: &Due| json!({ "program_id": rows::hex_text(program), "id": rows::hex_text(timer.id) });
    let fired: Vec<_> = due.iter().map(row).collect();
    rows::execute(tx, DELETE, FIELDS, &fired).await.map(drop)
}
