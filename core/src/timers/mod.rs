//! Timers: durable wake-ups of plugins. Firing one removes it and records the event `timer-fired`, so time uses the same road
//! as everything else. The event happens at the instant that the timer was due, whenever the firing ran.

use crate::db::rows::{self, Field};
use crate::events::{self, NewEvent};
use crate::members;
use crate::programs::Program;
use crate::records::{self, Record};
use crate::{Loyalty, MemberId, ProgramId, Result, TimerId, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// The most timers that one transaction fires.
const FIRE_MAX: u64 = 256;

/// A timer about to be set.
#[derive(Clone, Debug)]
pub(crate) struct NewTimer {
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
        let about = due.iter().filter_map(Due::about);
        let records = records::find_many(&tx, program.id, about).await?;
        let mut told = Vec::new();
        for timer in &due {
            let record = timer.record(&records);
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
    /// Type and external id of the record that the timer is about.
    fn about(&self) -> Option<(&str, &str)> {
        self.record_type.as_deref().zip(self.record_external_id.as_deref())
    }

    /// The record that the timer is about, as it is now; null when there is none.
    fn record(&self, records: &HashMap<(String, String), Record>) -> Value {
        let name = self.about().map(|(kind, id)| (kind.to_owned(), id.to_owned()));
        name.and_then(|name| records.get(&name)).map_or(Value::Null, |record| {
            json!({ "type": record.record_type, "externalId": record.external_id, "data": record.data })
        })
    }
}

/// A timer that a plugin sets for a member, or cancels by name. Setting one again moves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) plugin: &'a str,
    pub(crate) member: MemberId,
    pub(crate) name: &'a str,
    /// None cancels.
    pub(crate) timer: Option<&'a NewTimer>,
}

/// Makes changes to timers, each timer's at most once.
pub(crate) async fn change(
    tx: &DatabaseTransaction,
    program: ProgramId,
    changes: &[Change<'_>],
) -> Result<()> {
    const NAME: &rows::Fields = &[
        ("program_id", Field::Id),
        ("plugin_id", Field::Text),
        ("member_id", Field::Id),
        ("name", Field::Text),
    ];
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
    const CANCEL: &str = "DELETE FROM timers WHERE (program_id, plugin_id, member_id, name) IN \
         (SELECT program_id, plugin_id, member_id, name FROM {rows} AS r)";
    let cancelled: Vec<_> = changes
        .iter()
        .filter(|change| change.timer.is_none())
        .map(|change| change.row(program))
        .collect();
    rows::execute(tx, CANCEL, NAME, &cancelled).await?;
    let set: Vec<_> = changes
        .iter()
        .filter(|change| change.timer.is_some())
        .map(|change| change.row(program))
        .collect();
    rows::execute(tx, UPSERT, FIELDS, &set).await.map(drop)
}

impl Change<'_> {
    fn row(&self, program: ProgramId) -> Value {
        let about = self.timer.and_then(|timer| timer.about.as_ref());
        json!({
            "program_id": rows::hex_text(program),
            "id": rows::hex_text(TimerId::new()),
            "plugin_id": self.plugin,
            "member_id": rows::hex_text(self.member),
            "name": self.name,
            "due_at": self.timer.map(|timer| timer.due_at.microseconds()),
            "data": self.timer.map(|timer| &timer.data),
            "record_type": about.map(|(record_type, _)| record_type),
            "record_external_id": about.map(|(_, external_id)| external_id),
        })
    }
}

async fn remove(tx: &DatabaseTransaction, program: ProgramId, due: &[Due]) -> Result<()> {
    const FIELDS: &rows::Fields = &[("program_id", Field::Id), ("id", Field::Id)];
    const DELETE: &str =
        "DELETE FROM timers WHERE (program_id, id) IN (SELECT program_id, id FROM {rows} AS r)";
    let row = |timer: &Due| json!({ "program_id": rows::hex_text(program), "id": rows::hex_text(timer.id) });
    let fired: Vec<_> = due.iter().map(row).collect();
    rows::execute(tx, DELETE, FIELDS, &fired).await.map(drop)
}
