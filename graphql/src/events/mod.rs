//! Events: facts that the platform recorded. Only the admin schema shows them.

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::members::admin::Member;
use crate::members::member_id;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Json};
use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use perennial_core::{MemberId, events};

/// A fact that the platform recorded. Plugins can subscribe to events.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Event {
    #[graphql(skip)]
    member_id: MemberId,
    /// The event's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The kind of event, such as `purchase-recorded` or `tier-changed`.
    name: String,
    /// Details of the event. The structure depends on `name`.
    data: Json,
    /// When the event happened, according to the program's clock.
    occurred_at: DateTime,
    /// When the event was recorded, according to the server's clock.
    recorded_at: DateTime,
    /// The id of the event from which this one follows because of what plugins did. Null if no plugin
    /// caused it.
    root_event_id: Option<ID>,
    /// How many plugins have followed from one another up to this event: 0 if none caused it. What is
    /// deeper than 8 is told to no plugin.
    depth: i32,
}

impl From<events::Event> for Event {
    fn from(event: events::Event) -> Self {
        // A plugin does something for the member of the event, and for nobody else.
        let root = |root| GlobalId::Event(event.member_id, root).into();
        Self {
            member_id: event.member_id,
            id: GlobalId::Event(event.member_id, event.id).into(),
            name: event.name,
            data: event.data.into(),
            occurred_at: event.occurred_at.into(),
            recorded_at: event.recorded_at.into(),
            root_event_id: event.root_id.map(root),
            depth: event.depth,
        }
    }
}

#[ComplexObject]
impl Event {
    /// The member that the event is about.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.member_id).await?.map(Member::from))
    }
}

#[derive(Debug, Default)]
pub(crate) struct EventQuery;

#[Object]
impl EventQuery {
    /// Events of a member, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "memberId", desc = "The member's id.")] member: ID,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Event>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let member = member_id(&member, "memberId")?;
        let found = loyalty.events().of_member(actor, member, page).await?;
        Ok(Some(connection(found, after.as_deref(), |event| event.id, Event::from)))
    }
}

/// The events of a member.
#[derive(Debug)]
pub(crate) struct MemberEvents(pub(crate) MemberId);

#[Object]
impl MemberEvents {
    /// Events of the member, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Event>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.events().of_member(actor, self.0, page).await?;
        Ok(Some(connection(found, after.as_deref(), |event| event.id, Event::from)))
    }
}
