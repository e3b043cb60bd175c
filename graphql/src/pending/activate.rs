//! Letting pending points be spent.

use super::PendingPoints;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::nodes::GlobalId;
use crate::returns::PurchaseRefInput;
use crate::scalars::DateTime;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::pending::{Activate, Activated};
use perennial_core::{Actor, Error, Loyalty, Result as CoreResult};

/// Pending points that are not to wait any longer.
#[derive(Debug, InputObject)]
pub(crate) struct ActivatePointsInput {
    /// The id of the transaction that earned the points, of the kind `PENDING`.
    transaction_id: ID,
}

/// Something that has happened to a purchase.
#[derive(Debug, InputObject)]
pub(crate) struct RecordPurchaseEventInput {
    /// The purchase.
    purchase: PurchaseRefInput,
    /// What has happened, as the program file names it, such as `delivered`.
    event: String,
    /// When it happened, not later than now. Default: now, according to the program's clock.
    happened_at: Option<DateTime>,
}

/// What became of pending points.
#[derive(Debug, SimpleObject)]
pub(crate) struct Activation {
    /// The ids of the transactions, of the kind `EARN`, by which points can be spent now. Empty if
    /// nothing of the purchase waits for the event.
    transaction_ids: Vec<ID>,
    /// Points that go on to be pending for some days more after the event.
    scheduled: Vec<PendingPoints>,
}

/// Result of activating points.
#[derive(Debug, SimpleObject)]
pub(crate) struct ActivatePointsPayload {
    /// What became of the points. Null if the request was refused.
    activation: Option<Activation>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of reporting something that has happened to a purchase.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordPurchaseEventPayload {
    /// What became of the points that wait for it. Null if the request was refused.
    activation: Option<Activation>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct PendingMutation;

#[Object]
impl PendingMutation {
    /// Lets pending points be spent, whatever they wait for. Repeating the request returns the same
    /// and changes nothing. Requires the scope `points:adjust`.
    async fn activate_points(
        &self,
        ctx: &Context<'_>,
        input: ActivatePointsInput,
    ) -> Result<Option<ActivatePointsPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (activated, user_errors) = split(activate(loyalty, actor, &input).await)?;
        let activation = activated.map(Activation::from);
        Ok(Some(ActivatePointsPayload { activation, user_errors }))
    }

    /// Reports something that has happened to a purchase, for which its points may wait. It is no
    /// mistake if none do. Repeating the request changes nothing and returns what became of the
    /// points. Requires the scope `purchases:write`.
    async fn record_purchase_event(
        &self,
        ctx: &Context<'_>,
        input: RecordPurchaseEventInput,
    ) -> Result<Option<RecordPurchaseEventPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (activated, user_errors) = split(record(loyalty, actor, input).await)?;
        let activation = activated.map(Activation::from);
        Ok(Some(RecordPurchaseEventPayload { activation, user_errors }))
    }
}

impl From<Activated> for Activation {
    fn from(Activated { earned, scheduled }: Activated) -> Self {
        let transaction = |id| GlobalId::Transaction(id).into();
        Self {
            transaction_ids: earned.into_iter().map(transaction).collect(),
            scheduled: scheduled.into_iter().map(PendingPoints::from).collect(),
        }
    }
}

async fn activate(
    loyalty: &Loyalty,
    actor: &Actor,
    input: &ActivatePointsInput,
) -> CoreResult<Activated> {
    let id = input.transaction_id.parse().map_err(|error: Error| error.at("transactionId"))?;
    loyalty.pending().activate(actor, &Activate::Transaction(id)).await
}

async fn record(
    loyalty: &Loyalty,
    actor: &Actor,
    input: RecordPurchaseEventInput,
) -> CoreResult<Activated> {
    let request = Activate::Event {
        purchase: input.purchase.parse()?,
        event: input.event,
        happened_at: input.happened_at.map(|at| at.0),
    };
    loyalty.pending().activate(actor, &request).await
}
