//! The calls of a plugin that are recorded.

use super::queues::{event, member};
use crate::context::RequestContext;
use crate::events::Event;
use crate::members::admin::Member;
use crate::nodes::GlobalId;
use crate::purchases::admin::Purchase;
use crate::scalars::{DateTime, Json, Long};
use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use perennial_core::plugins::RecordedRun;
use perennial_core::purchases::PurchaseRef;
use perennial_core::{Code, Error, EventId, MemberId, PurchaseId, RunId};

/// A call of a plugin that is kept whole, for as many days as the program file says.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct PluginRecordedRun {
    #[graphql(skip)]
    id: RunId,
    #[graphql(skip)]
    member_id: MemberId,
    #[graphql(skip)]
    event: Option<EventId>,
    #[graphql(skip)]
    purchase: Option<PurchaseId>,
    /// What `perennial plugin replay` takes.
    run: String,
    /// What was asked: `on-event` or `appraise`.
    hook: String,
    /// The kind of event, such as `purchase-recorded`, or the purchase's reference.
    about: String,
    /// The id of the event that was delivered. Null of an appraisal.
    event_id: Option<ID>,
    /// The id of the purchase that was appraised. Null of an event.
    purchase_id: Option<ID>,
    /// `OK`, or the kind of fault with which the call ended or for which its answer was refused.
    outcome: String,
    /// SHA-256 digest of the component that was called.
    digest: String,
    /// The work that it took, in instructions or about. Null of a call that failed.
    fuel: Option<Long>,
    /// The number of actions, or proposals.
    items: Long,
    /// Whether it can be made again. What comes to more than a mebibyte is not kept.
    is_whole: bool,
    /// When it was recorded, by the server's clock.
    recorded_at: DateTime,
}

#[ComplexObject]
impl PluginRecordedRun {
    /// The member that the call was about.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        member(ctx, self.member_id).await
    }

    /// The event that was delivered. Null of an appraisal.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        match self.event {
            Some(id) => event(ctx, self.member_id, id).await,
            None => Ok(None),
        }
    }

    /// The purchase that was appraised. Null of an event.
    async fn purchase(&self, ctx: &Context<'_>) -> Result<Option<Purchase>> {
        let Some(purchase) = self.purchase else { return Ok(None) };
        let (loyalty, actor) = ctx.caller()?;
        let found = loyalty.purchases().find(actor, &PurchaseRef::Id(purchase)).await?;
        Ok(found.map(Purchase::from))
    }

    /// The whole call, as `perennial plugin replay` takes it from a file: what the plugin was told, what
    /// it looked up, how it ended. Null if it was too long to be kept, or is kept no longer.
    #[graphql(complexity = "200")]
    async fn recording(&self, ctx: &Context<'_>) -> Result<Option<Json>> {
        if !self.is_whole {
            return Ok(None);
        }
        let (loyalty, actor) = ctx.caller()?;
        let recording = match loyalty.plugins().recording(actor, self.id).await {
            Err(error) if error.code() == Code::RunNotFound => return Ok(None),
            found => found?,
        };
        let json = serde_json::to_value(recording);
        let json = json.map_err(|error| Error::internal("a recording").caused_by(error))?;
        Ok(Some(json.into()))
    }
}

impl From<RecordedRun> for PluginRecordedRun {
    fn from(run: RecordedRun) -> Self {
        let event = |event| GlobalId::Event(run.member_id, event).into();
        Self {
            event_id: run.event_id.map(event),
            purchase_id: run.purchase_id.map(|purchase| GlobalId::Purchase(purchase).into()),
            run: run.id.to_string(),
            digest: run.digest(),
            id: run.id,
            member_id: run.member_id,
            event: run.event_id,
            purchase: run.purchase_id,
            hook: run.hook,
            about: run.about,
            outcome: run.outcome,
            fuel: run.fuel.map(Long),
            items: Long(run.items),
            is_whole: run.is_whole,
            recorded_at: run.recorded_at.into(),
        }
    }
}
