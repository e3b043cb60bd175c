//! Reading what happened to a member, and what of it the plugin was told.

use super::report::Given;
use crate::context::{Context, Program};
use crate::db::id;
use crate::runtime::{Event, Member};
use crate::{EventId, MemberId, ProgramId, PurchaseId, Result, Timestamp};
use perennial_contract::events::PLUGIN_EVENT;
use perennial_contract::recording::{Call, Recording};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::collections::HashMap;

/// From when on a plugin is told what happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Since {
    Beginning,
    /// It was enabled then, by the server's clock.
    Instant(Timestamp),
}

/// An event of the past.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) event: Event,
    pub(super) at: Timestamp,
    /// What was recorded at the same instant is of one commit.
    pub(super) recorded_at: Timestamp,
    /// How many plugins are between it and what happened outside.
    pub(super) depth: i32,
    /// Whether the plugin has handled it.
    pub(super) is_handled: bool,
}

/// The member as the plugin saw it, where calls are recorded.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) at_events: HashMap<String, Member>,
    pub(super) at_purchases: HashMap<String, Member>,
}

#[derive(FromQueryResult)]
struct EventRow {
    id: EventId,
    name: String,
    data: Value,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    depth: i32,
    handled_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct SeenRow {
    event_id: Option<EventId>,
    purchase_id: Option<PurchaseId>,
    data: String,
}

#[derive(FromQueryResult)]
struct RevisionRow {
    source: String,
    created_at: Timestamp,
}

const EVENTS: &str = "
    SELECT v.id, v.name, v.data, v.occurred_at, v.recorded_at, v.depth, u.handled_at
    FROM events AS v
    LEFT JOIN plugin_runs AS u ON u.program_id = $1 AND u.plugin_id = $3 AND u.event_id = v.id
    WHERE v.program_id = $1 AND v.member_id = $2
    ORDER BY v.member_seq";
/// The first call about an event or a purchase comes last, and stays.
const SEEN: &str = "
    SELECT event_id, purchase_id, data
    FROM plugin_recordings
    WHERE program_id = $1 AND member_id = $2 AND plugin_id = $3 AND data IS NOT NULL
    ORDER BY id DESC";
const REVISIONS: &str = "
    SELECT source, created_at
    FROM program_revisions
    WHERE program_id = $1
    ORDER BY revision";

/// Since when a program has a plugin: since the first of its files that names it.
pub(super) async fn since(context: &Context, program: ProgramId, plugin: &str) -> Result<Since> {
    let db = &context.db;
    let statement = db.sql(REVISIONS, [id(program)]);
    for revision in RevisionRow::find_by_statement(statement).all(db.read()).await? {
        let names = context.assemble(&revision.source)?.plugins().contains_key(plugin);
        if names {
            return Ok(Since::Instant(revision.created_at));
        }
    }
    Ok(Since::Beginning)
}

/// What happened to a member, in its order.
pub(super) async fn events(
    context: &Context,
    program: &Program,
    plugin: &str,
    member: MemberId,
) -> Result<Vec<Past>> {
    let db = &context.db;
    let statement = db.sql(EVENTS, [id(program.id), id(member), plugin.into()]);
    let found = EventRow::find_by_statement(statement).all(db.read()).await?;
    Ok(found.into_iter().map(Past::from).collect())
}

pub(super) async fn seen(
    context: &Context,
    program: &Program,
    plugin: &str,
    member: MemberId,
) -> Result<Seen> {
    let db = &context.db;
    let statement = db.sql(SEEN, [id(program.id), id(member), plugin.into()]);
    let mut seen = Seen::default();
    for row in SeenRow::find_by_statement(statement).all(db.read()).await? {
        let Ok(recording) = serde_json::from_str::<Recording>(&row.data) else { continue };
        let (Call::OnEvent { member, .. } | Call::Appraise { member, .. }) = recording.call;
        match (row.event_id, row.purchase_id) {
            (Some(event), _) => seen.at_events.insert(event.to_string(), member),
            (None, Some(purchase)) => seen.at_purchases.insert(purchase.to_string(), member),
            (None, None) => None,
        };
    }
    Ok(seen)
}

impl Past {
    /// Whether the plugin is told of it, if it subscribes. What it was not told then although it was
    /// there follows from what it did itself.
    pub(super) fn is_told(&self, since: Since, plugin: &str) -> bool {
        let is_its_own_change = self.event.name == "plugin-changed";
        let is_from_outside = self.depth == 0 || self.is_raised_beside(plugin);
        match since {
            _ if self.is_handled => true,
            Since::Beginning => !is_its_own_change,
            Since::Instant(since) => {
                self.recorded_at >= since && is_from_outside && !is_its_own_change
            }
        }
    }

    /// Whether another plugin has raised it.
    fn is_raised_beside(&self, plugin: &str) -> bool {
        self.event.name == PLUGIN_EVENT && self.event.data["plugin"] != plugin
    }

    /// What it says that a plugin has raised, if it has.
    pub(super) fn raised_by(&self, plugin: &str) -> Option<Given> {
        let data = &self.event.data;
        let is_its = self.event.name == PLUGIN_EVENT && data["plugin"] == plugin;
        is_its.then(|| Given::event(self.at, data["event"].as_str().unwrap_or_default()))
    }

    /// Whether it follows from what a plugin did, and was not told to this one, which was there: it is
    /// its own doing.
    pub(super) fn is_its_doing(&self, since: Since) -> bool {
        matches!(since, Since::Instant(since) if self.recorded_at >= since)
            && self.depth > 0
            && !self.is_handled
    }
}

impl From<EventRow> for Past {
    fn from(row: EventRow) -> Self {
        let at = row.occurred_at;
        Self {
            event: Event {
                id: row.id.to_string(),
                name: row.name,
                occurred_at: at.instant(),
                data: row.data,
            },
            at,
            recorded_at: row.recorded_at,
            depth: row.depth,
            is_handled: row.handled_at.is_some(),
        }
    }
}
