//! What stands still, and what was skipped, for operators.

use crate::context::{Context, FaultReport};
use crate::db::select::Select;
use crate::db::{id, limit};
use crate::page::{Page, PageRequest};
use crate::{Error, EventId, MemberId, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// A member over whom a plugin stands still.
#[derive(Clone, Debug)]
pub struct ParkedQueue {
    pub member: MemberId,
    /// The event that the plugin failed on.
    pub event: EventId,
    pub fault: FaultReport,
    pub parked_at: Timestamp,
}

/// An event that a plugin does not receive because somebody said so.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    pub member: MemberId,
    pub event: EventId,
    /// What the plugin failed with.
    pub fault: FaultReport,
    pub reason: String,
    pub actor: String,
    pub skipped_at: Timestamp,
}

const QUEUES: &str = "
    SELECT member_id, event_id, fault, parked_at
    FROM parked_queues
    WHERE program_id = $1 AND plugin_id = $2";
const LETTERS: &str = "
    SELECT member_id, event_id, fault, reason, actor, skipped_at
    FROM dead_letters
    WHERE program_id = $1 AND plugin_id = $2";

#[derive(FromQueryResult)]
struct QueueRow {
    member_id: MemberId,
    event_id: EventId,
    fault: Value,
    parked_at: Timestamp,
}

#[derive(FromQueryResult)]
struct LetterRow {
    member_id: MemberId,
    event_id: EventId,
    fault: Value,
    reason: String,
    actor: String,
    skipped_at: Timestamp,
}

/// The queues of a plugin that are parked, of the newest event first.
pub(in crate::plugins) async fn parked_queues(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    page: PageRequest<EventId>,
) -> Result<Page<ParkedQueue>> {
    let rows: Vec<QueueRow> = rows(context, QUEUES, program, plugin, page).await?;
    Page::of(rows, page.first).try_map(QueueRow::queue)
}

/// What was skipped for a plugin, the newest event first.
pub(in crate::plugins) async fn dead_letters(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    page: PageRequest<EventId>,
) -> Result<Page<DeadLetter>> {
    let rows: Vec<LetterRow> = rows(context, LETTERS, program, plugin, page).await?;
    Page::of(rows, page.first).try_map(LetterRow::letter)
}

async fn rows<R: FromQueryResult>(
    context: &Context,
    sql: &'static str,
    program: ProgramId,
    plugin: &str,
    page: PageRequest<EventId>,
) -> Result<Vec<R>> {
    let db = &context.db;
    let values = [id(program), plugin.into(), limit(page.first.saturating_add(1))];
    let statement = Select::new(sql, values)
        .and("event_id < {}", page.after.map(id))
        .ending(db.read(), " ORDER BY event_id DESC LIMIT $3");
    Ok(R::find_by_statement(statement).all(db.read()).await?)
}

impl QueueRow {
    fn queue(self) -> Result<ParkedQueue> {
        let fault = report(self.fault)?;
        let Self { member_id: member, event_id: event, parked_at, .. } = self;
        Ok(ParkedQueue { member, event, fault, parked_at })
    }
}

impl LetterRow {
    fn letter(self) -> Result<DeadLetter> {
        let fault = report(self.fault)?;
        let Self { member_id: member, event_id: event, reason, actor, skipped_at, .. } = self;
        Ok(DeadLetter { member, event, fault, reason, actor, skipped_at })
    }
}

fn report(stored: Value) -> Result<FaultReport> {
    serde_json::from_value(stored)
        .map_err(|error| Error::internal("a stored fault").caused_by(error))
}
