//! What waits for a plugin apart, what was skipped for it and what it has handled.

use super::missed::PluginMissedAppraisal;
use super::plugin::{Fault, Plugin};
use super::recordings::PluginRecordedRun;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::events::Event;
use crate::members::admin::Member;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Long};
use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use perennial_core::plugins::{self, Handling};
use perennial_core::purchases::MissedAppraisal;
use perennial_core::{EventId, MemberId};

/// A member over whom a plugin stands still: it failed on an event of the member, and the member's
/// later events wait behind that.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct ParkedPluginQueue {
    #[graphql(skip)]
    member_id: MemberId,
    #[graphql(skip)]
    event: EventId,
    /// The id of the event that the plugin failed on: `retryPluginEvent` tries it again,
    /// `skipPluginEvent` goes on with the next.
    event_id: ID,
    /// What the plugin failed with.
    fault: Fault,
    /// When the queue was parked, by the server's clock.
    parked_at: DateTime,
}

/// An event that a plugin does not receive because an operator has skipped it.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct PluginDeadLetter {
    #[graphql(skip)]
    member_id: MemberId,
    #[graphql(skip)]
    event: EventId,
    /// The event's id: `redeliverPluginEvent` delivers it after all.
    event_id: ID,
    /// What the plugin failed with.
    fault: Fault,
    /// Why the event was skipped.
    reason: String,
    /// Who skipped it.
    actor: String,
    /// When it was skipped, by the server's clock.
    skipped_at: DateTime,
}

/// An event that a plugin has handled.
#[derive(Debug, SimpleObject)]
pub(crate) struct PluginRun {
    /// The event's id. Null of a run that an early version of the platform recorded.
    event_id: Option<ID>,
    /// The kind of event, such as `purchase-recorded`. Null as `eventId`.
    event_name: Option<String>,
    /// SHA-256 digest of the component that handled it.
    digest: String,
    /// The work that it took, in instructions or about: the same number whenever the same call is
    /// made. The sandbox allows 50 million.
    fuel: Long,
    /// The number of actions that the plugin asked for. A message whose moment is more than seven days
    /// ago is among them, and is not sent.
    actions: u32,
    /// What the plugin logged.
    log: Vec<String>,
    /// When the actions were carried out, by the server's clock.
    handled_at: DateTime,
}

#[ComplexObject]
impl Plugin {
    /// The members over whom the plugin stands still, of the newest event first. Requires the scope
    /// `admin`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn parked_queues(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<ParkedPluginQueue>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.plugins().parked_queues(actor, &self.key, page).await?;
        let key = |queue: &plugins::ParkedQueue| queue.event;
        Ok(Some(connection(found, after.as_deref(), key, ParkedPluginQueue::from)))
    }

    /// The events that were skipped for the plugin, newest first. Requires the scope `admin`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn dead_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<PluginDeadLetter>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.plugins().dead_letters(actor, &self.key, page).await?;
        let key = |letter: &plugins::DeadLetter| letter.event;
        Ok(Some(connection(found, after.as_deref(), key, PluginDeadLetter::from)))
    }

    /// The purchases about which the plugin was not heard when they were recorded, newest first: those
    /// that wait, and what came of the others. Requires the scope `admin`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn missed_appraisals(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<PluginMissedAppraisal>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.reappraisals().of_plugin(actor, &self.key, page).await?;
        let key = |missed: &MissedAppraisal| missed.purchase;
        Ok(Some(connection(found, after.as_deref(), key, PluginMissedAppraisal::from)))
    }

    /// What the plugin has handled, the newest event first. Requires the scope `admin`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<PluginRun>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.plugins().runs(actor, &self.key, page).await?;
        Ok(Some(connection(found, after.as_deref(), |run| run.event, PluginRun::from)))
    }

    /// The plugin's calls that are recorded, newest first. Requires the scope `admin`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn recorded_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<PluginRecordedRun>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.plugins().recorded_runs(actor, &self.key, page).await?;
        Ok(Some(connection(found, after.as_deref(), |run| run.id, PluginRecordedRun::from)))
    }
}

#[ComplexObject]
impl ParkedPluginQueue {
    /// The member.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        member(ctx, self.member_id).await
    }

    /// The event that the plugin failed on.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        event(ctx, self.member_id, self.event).await
    }
}

#[ComplexObject]
impl PluginDeadLetter {
    /// The member that the event is about.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        member(ctx, self.member_id).await
    }

    /// The event.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        event(ctx, self.member_id, self.event).await
    }
}

pub(super) async fn member(ctx: &Context<'_>, id: MemberId) -> Result<Option<Member>> {
    Ok(ctx.loaders().load_one(id).await?.map(Member::from))
}

pub(super) async fn event(
    ctx: &Context<'_>,
    member: MemberId,
    id: EventId,
) -> Result<Option<Event>> {
    let (loyalty, actor) = ctx.caller()?;
    Ok(loyalty.events().find(actor, member, id).await?.map(Event::from))
}

impl From<plugins::ParkedQueue> for ParkedPluginQueue {
    fn from(queue: plugins::ParkedQueue) -> Self {
        let plugins::ParkedQueue { member, event, fault, parked_at } = queue;
        Self {
            member_id: member,
            event,
            event_id: GlobalId::Event(member, event).into(),
            fault: fault.into(),
            parked_at: parked_at.into(),
        }
    }
}

impl From<plugins::DeadLetter> for PluginDeadLetter {
    fn from(letter: plugins::DeadLetter) -> Self {
        let plugins::DeadLetter { member, event, fault, reason, actor, skipped_at } = letter;
        Self {
            member_id: member,
            event,
            event_id: GlobalId::Event(member, event).into(),
            fault: fault.into(),
            reason,
            actor,
            skipped_at: skipped_at.into(),
        }
    }
}

impl From<Handling> for PluginRun {
    fn from(run: Handling) -> Self {
        let event = |member| GlobalId::Event(member, run.event).into();
        Self {
            event_id: run.member.map(event),
            event_name: run.event_name,
            digest: run.digest,
            fuel: Long(i64::try_from(run.fuel).unwrap_or(i64::MAX)),
            actions: run.actions,
            log: run.log,
            handled_at: run.handled_at.into(),
        }
    }
}
