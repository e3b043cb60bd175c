//! What plugins did: a row for each event that one has handled.

use crate::context::Context;
use crate::db::select::Select;
use crate::db::{id, limit};
use crate::hash::hex;
use crate::page::{Page, PageRequest};
use crate::{Error, EventId, MemberId, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// A call of a plugin that was carried out.
#[derive(Clone, Debug)]
pub struct Handling {
    pub event: EventId,
    /// None of a run that an early version of the platform recorded, or whose member was erased.
    pub member: Option<MemberId>,
    /// What happened, such as `purchase-recorded`.
    pub event_name: Option<String>,
    pub digest: String,
    pub fuel: u64,
    pub actions: u32,
    pub log: Vec<String>,
    pub handled_at: Timestamp,
}

const RUNS: &str = "
    SELECT u.event_id, u.member_id, v.name, u.digest, u.fuel, u.actions, u.log, u.handled_at
    FROM plugin_runs AS u
    LEFT JOIN events AS v ON v.program_id = u.program_id AND v.member_id = u.member_id
        AND v.member_seq = u.member_seq
    WHERE u.program_id = $1 AND u.plugin_id = $2";

#[derive(FromQueryResult)]
struct RunRow {
    event_id: EventId,
    member_id: Option<MemberId>,
    name: Option<String>,
    digest: Vec<u8>,
    fuel: i64,
    actions: i32,
    log: Value,
    handled_at: Timestamp,
}

/// The events that a plugin has handled, the newest first.
pub(super) async fn runs(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    page: PageRequest<EventId>,
) -> Result<Page<Handling>> {
    let db = &context.db;
    let values = [id(program), plugin.into(), limit(page.first.saturating_add(1))];
    let statement = Select::new(RUNS, values)
        .and("u.event_id < {}", page.after.map(id))
        .ending(db.read(), " ORDER BY u.event_id DESC LIMIT $3");
    let rows = RunRow::find_by_statement(statement).all(db.read()).await?;
    Page::of(rows, page.first).try_map(RunRow::handling)
}

impl RunRow {
    fn handling(self) -> Result<Handling> {
        let log = serde_json::from_value(self.log)
            .map_err(|error| Error::internal("a stored log").caused_by(error))?;
        Ok(Handling {
            event: self.event_id,
            member: self.member_id,
            event_name: self.name,
            digest: hex(&self.digest),
            fuel: u64::try_from(self.fuel).unwrap_or_default(),
            actions: u32::try_from(self.actions).unwrap_or_default(),
            log,
            handled_at: self.handled_at,
        })
    }
}
