//! Events: facts that the platform recorded. Only the admin schema shows them.

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::members::member_id;
use crate::scalars::{DateTime, Json};
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use perennial_core::{MemberId, events};

/// A fact that the platform recorded and that plugins may hear of.
#[derive(Debug, SimpleObject)]
pub(crate) struct Event {
    /// The event's id.
    id: ID,
    /// `purchase-recorded`, `tier-changed`…
    name: String,
    /// What the event tells; its shape follows from the name.
    data: Json,
    /// When it happened, by the program's clock.
    occurred_at: DateTime,
    /// When it was written down, by the machine's clock.
    recorded_at: DateTime,
}

impl From<events::Event> for Event {
    fn from(event: events::Event) -> Self {
        Self {
            id: event.id.to_string().into(),
            name: event.name,
            data: event.data.into(),
            occurred_at: event.occurred_at.into(),
            recorded_at: event.recorded_at.into(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct EventQuery;

#[Object]
impl EventQuery {
    /// What happened to a member, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "memberId", desc = "Whose events.")] member: ID,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Event>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let member = member_id(&member, "memberId")?;
        let found = loyalty.events().of_member(actor, member, page).await?;
        Ok(connection(found, after.as_deref(), |event| event.id, Event::from))
    }
}

/// The events of a member.
#[derive(Debug)]
pub(crate) struct MemberEvents(pub(crate) MemberId);

#[Object]
impl MemberEvents {
    /// What happened to the member, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Event>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.events().of_member(actor, self.0, page).await?;
        Ok(connection(found, after.as_deref(), |event| event.id, Event::from))
    }
}
