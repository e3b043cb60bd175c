//! Events: facts that the platform recorded, and the queue of what plugins have yet to hear. An event is written in the
//! transaction of the change that it tells of, together with a delivery for each plugin that subscribed at that moment.

use crate::db::rows::{self, Field};
use crate::members::Locked;
use crate::page::{Page, PageRequest};
use crate::{Actor, EventId, Loyalty, MemberId, ProgramId, Result, Scope, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde::Serialize;
use serde_json::Value;

/// A recorded fact.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Event {
    pub id: EventId,
    pub member_id: MemberId,
    pub name: String,
    pub data: Value,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
}

/// The service. Get it from [`Loyalty::events`].
#[derive(Clone, Copy, Debug)]
pub struct Events<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Events<'_> {
    /// What happened to a member, the newest first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<EventId>,
    ) -> Result<Page<Event>> {
        const SELECT: &str = "SELECT id, member_id, name, data, occurred_at, recorded_at FROM events \
             WHERE program_id = $1 AND member_id = $2 AND ($3 = 0 OR member_seq < \
                (SELECT member_seq FROM events WHERE program_id = $1 AND id = $4)) \
             ORDER BY member_seq DESC LIMIT $5";
        actor.require(Scope::Read)?;
        let db = self.loyalty.db().read();
        let after = page.after.map_or(rows::id(MemberId::NONE), rows::id);
        let values = [
            rows::id(actor.program()),
            rows::id(member),
            i32::from(page.after.is_some()).into(),
            after,
            rows::limit(page.first + 1),
        ];
        let events = Event::find_by_statement(rows::sql(db, SELECT, values)).all(db).await?;
        Ok(Page::of(events, page.first))
    }
}

/// An event about to be recorded.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) id: EventId,
    member: MemberId,
    member_seq: i64,
    name: &'static str,
    data: Value,
    occurred_at: Timestamp,
    /// What subscriptions are matched against: the name, for a record with its type.
    topic: String,
    /// Only this plugin hears of it.
    only_for: Option<String>,
    /// This plugin caused it and does not hear of it: no plugin can keep itself busy.
    caused_by: Option<String>,
}

impl NewEvent {
    /// The next event of a member whose standing is locked.
    pub(crate) fn of(
        member: &mut Locked,
        name: &'static str,
        occurred_at: Timestamp,
        data: Value,
    ) -> Self {
        member.event_seq += 1;
        Self {
            id: EventId::new(),
            member: member.member,
            member_seq: member.event_seq,
            name,
            data,
            occurred_at,
            topic: name.to_owned(),
            only_for: None,
            caused_by: None,
        }
    }

    pub(crate) fn only_for(mut self, plugin: &str) -> Self {
        self.only_for = Some(plugin.to_owned());
        self
    }

    pub(crate) fn caused_by(mut self, plugin: Option<&str>) -> Self {
        self.caused_by = plugin.map(str::to_owned);
        self
    }

    pub(crate) fn about_record_type(mut self, record_type: &str) -> Self {
        self.topic = record_topic(record_type);
        self
    }

    fn reaches(&self, subscription: &Subscription) -> bool {
        self.topic == subscription.event_name
            && self.caused_by.as_ref() != Some(&subscription.plugin_id)
    }
}

/// A plugin hears only of records whose type it declares.
pub(crate) fn record_topic(record_type: &str) -> String {
    format!("record-put/{record_type}")
}

#[derive(FromQueryResult)]
struct Subscription {
    plugin_id: String,
    event_name: String,
}

#[derive(Serialize)]
struct EventRow<'a> {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    id: EventId,
    #[serde(serialize_with = "rows::hex")]
    member_id: MemberId,
    member_seq: i64,
    name: &'a str,
    data: &'a Value,
    occurred_at: i64,
    recorded_at: i64,
}

#[derive(Serialize)]
struct DeliveryRow<'a> {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    plugin_id: &'a str,
    #[serde(serialize_with = "rows::hex")]
    member_id: MemberId,
    member_seq: i64,
    #[serde(serialize_with = "rows::hex")]
    event_id: EventId,
    attempts: i64,
    not_before: i64,
}

/// Records events and queues them for the plugins that subscribed.
pub(crate) async fn append(
    tx: &DatabaseTransaction,
    program: ProgramId,
    events: Vec<NewEvent>,
    recorded_at: Timestamp,
) -> Result<()> {
    const EVENT: &rows::Fields = &[
        ("program_id", Field::Id),
        ("id", Field::Id),
        ("member_id", Field::Id),
        ("member_seq", Field::Int),
        ("name", Field::Text),
        ("data", Field::Json),
        ("occurred_at", Field::Int),
        ("recorded_at", Field::Int),
    ];
    const DELIVERY: &rows::Fields = &[
        ("program_id", Field::Id),
        ("plugin_id", Field::Text),
        ("member_id", Field::Id),
        ("member_seq", Field::Int),
        ("event_id", Field::Id),
        ("attempts", Field::Int),
        ("not_before", Field::Int),
    ];
    if events.is_empty() {
        return Ok(());
    }
    let recorded: Vec<_> = events.iter().map(|event| event.row(program, recorded_at)).collect();
    rows::insert(tx, "events", EVENT, &recorded).await?;
    let subscriptions = subscriptions(tx, program).await?;
    let deliveries: Vec<_> =
        events.iter().flat_map(|event| event.deliveries(program, &subscriptions)).collect();
    rows::insert(tx, "deliveries", DELIVERY, &deliveries).await
}

async fn subscriptions(
    connection: &impl ConnectionTrait,
    program: ProgramId,
) -> Result<Vec<Subscription>> {
    const SELECT: &str =
        "SELECT plugin_id, event_name FROM plugin_subscriptions WHERE program_id = $1";
    let statement = rows::sql(connection, SELECT, [rows::id(program)]);
    Ok(Subscription::find_by_statement(statement).all(connection).await?)
}

impl NewEvent {
    fn row(&self, program: ProgramId, recorded_at: Timestamp) -> EventRow<'_> {
        EventRow {
            program_id: program,
            id: self.id,
            member_id: self.member,
            member_seq: self.member_seq,
            name: self.name,
            data: &self.data,
            occurred_at: self.occurred_at.microseconds(),
            recorded_at: recorded_at.microseconds(),
        }
    }

    fn deliveries<'a>(
        &'a self,
        program: ProgramId,
        subscriptions: &'a [Subscription],
    ) -> Vec<DeliveryRow<'a>> {
        let to = |plugin_id: &'a str| DeliveryRow {
            program_id: program,
            plugin_id,
            member_id: self.member,
            member_seq: self.member_seq,
            event_id: self.id,
            attempts: 0,
            not_before: 0,
        };
        match &self.only_for {
            Some(plugin) => vec![to(plugin)],
            None => subscriptions
                .iter()
                .filter(|one| self.reaches(one))
                .map(|one| to(&one.plugin_id))
                .collect(),
        }
    }
}
