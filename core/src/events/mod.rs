//! Events: the facts that the platform recorded, and the queue of what plugins have yet to receive.
//! An event is written together with the change that it tells of, and with a delivery for each
//! plugin that the program enables and that subscribed.

mod chain;
mod rows;

pub(crate) use chain::{Chain, RAISING_DEPTH_MAX};
pub(crate) use rows::{NewEvent, Reach};

use crate::context::Context;
use crate::db::{Look, Question, id, limit, row};
use crate::page::{Page, PageRequest};
use crate::{Actor, EventId, MemberId, Result, Scope, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;

row! {
    /// A recorded fact.
    #[derive(Clone, Debug, FromQueryResult)]
    pub struct Event {
        pub id: EventId,
        pub member_id: MemberId,
        /// Counts the member's events without gaps.
        pub member_seq: i64,
        pub name: String,
        pub data: Value,
        pub occurred_at: Timestamp,
        pub recorded_at: Timestamp,
        /// The event from outside from which it follows, if a plugin caused it.
        pub root_id: Option<EventId>,
        /// How many plugins are between.
        pub depth: i32,
    }
}

row! {
    /// What finds an event: its member, and its number among the member's.
    pub(crate) struct EventKey {
        pub(crate) member_id: MemberId,
        pub(crate) member_seq: i64,
    }
}

const BY_KEY: &str = "
    SELECT v.id, v.member_id, v.member_seq, v.name, v.data, v.occurred_at, v.recorded_at,
        v.root_id, v.depth
    FROM {rows} AS k EACH events AS v
    WHERE v.program_id = $1 AND v.member_id = k.member_id AND v.member_seq = k.member_seq";

/// Asks for events by their keys.
pub(crate) fn ask_events(look: &mut Look, keys: &[EventKey]) -> Question<Event> {
    look.ask_over(BY_KEY, keys)
}

/// The service. Get it from [`crate::Loyalty::events`].
#[derive(Clone, Copy, Debug)]
pub struct Events<'a> {
    pub(crate) context: &'a Context,
}

impl Events<'_> {
    /// An event of a member; none when it does not exist or the actor may not see it.
    pub async fn find(
        self,
        actor: &Actor,
        member: MemberId,
        event: EventId,
    ) -> Result<Option<Event>> {
        const SELECT: &str = "
            SELECT id, member_id, member_seq, name, data, occurred_at, recorded_at, root_id, depth
            FROM events
            WHERE program_id = $1 AND member_id = $2 AND id = $3";
        if actor.require(Scope::Read).is_err() {
            return Ok(None);
        }
        let db = &self.context.db;
        let statement = db.sql(SELECT, [id(actor.program()), id(member), id(event)]);
        Ok(Event::find_by_statement(statement).one(db.read()).await?)
    }

    /// What happened to a member, newest first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<EventId>,
    ) -> Result<Page<Event>> {
        const FIRST: &str = "
            SELECT id, member_id, member_seq, name, data, occurred_at, recorded_at, root_id, depth
            FROM events
            WHERE program_id = $1 AND member_id = $2
            ORDER BY member_seq DESC
            LIMIT $3";
        const AFTER: &str = "
            SELECT id, member_id, member_seq, name, data, occurred_at, recorded_at, root_id, depth
            FROM events
            WHERE program_id = $1 AND member_id = $2 AND member_seq < (
                SELECT member_seq
                FROM events
                WHERE program_id = $1 AND member_id = $2 AND id = $4
            )
            ORDER BY member_seq DESC
            LIMIT $3";
        actor.require(Scope::Read)?;
        let db = &self.context.db;
        let mut values = vec![id(actor.program()), id(member), limit(page.first + 1)];
        values.extend(page.after.map(id));
        let text = if page.after.is_some() { AFTER } else { FIRST };
        let events = Event::find_by_statement(db.sql(text, values)).all(db.read()).await?;
        Ok(Page::of(events, page.first))
    }
}
