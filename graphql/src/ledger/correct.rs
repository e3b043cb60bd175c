//! Corrections in the admin schema: points that an operator gives or takes, and transactions that
//! are made good.

use super::admin::Transaction;
use super::approvals::Approval;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::ledger::{self, Adjust, Adjusted};
use perennial_core::{Actor, Error, Loyalty, Result as CoreResult};

/// Points to give to a member, or to take.
#[derive(Debug, InputObject)]
pub(crate) struct AdjustPointsInput {
    /// The member whose points change.
    member: MemberRefInput,
    /// How many points to give; negative to take them, at most what the balance has.
    points: Points,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// Why, for people: the member sees it. 1 to 200 printable characters.
    reason: String,
    /// Whether points that are given count as earned, as for the tiers.
    #[graphql(default)]
    counts_as_earned: bool,
    /// When points that are given expire. Default: as the program's policy says.
    expires_at: Option<DateTime>,
    /// Since when points that are given count as given, such as the day of a purchase that was
    /// forgotten; not in the future. They stand there among the member's transactions, and expire as
    /// if they had been given then: at once if that is over. Default: now.
    effective_at: Option<DateTime>,
    /// Unique for each adjustment of the member, 1 to 128 printable characters. Repeating a request
    /// with the same key returns the first adjustment and changes nothing; reusing the key with
    /// other arguments is refused.
    idempotency_key: String,
}

/// Result of adjusting a member's points.
#[derive(Debug, SimpleObject)]
pub(crate) struct AdjustPointsPayload {
    /// The transaction, of the kind `ADJUST`. Null if the request was refused, or if another operator
    /// has to approve it.
    transaction: Option<Transaction>,
    /// The request that another operator has to approve, as the program says of so many points:
    /// nothing has changed yet. Null if there is a transaction.
    approval: Option<Approval>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// A transaction to make good.
#[derive(Debug, InputObject)]
pub(crate) struct VoidTransactionInput {
    /// The id of the transaction that was wrong.
    transaction_id: ID,
    /// Why, for people: the member sees it. 1 to 200 printable characters.
    reason: String,
}

/// Result of making a transaction good.
#[derive(Debug, SimpleObject)]
pub(crate) struct VoidTransactionPayload {
    /// The transaction that makes the other one good, of the kind `VOID`. Null if the request was
    /// refused.
    transaction: Option<Transaction>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct LedgerMutation;

#[Object]
impl LedgerMutation {
    /// Gives a member points, or takes some, with a reason. What is given goes past the caps of the
    /// program. Above the number that the program's file names for approval, it asks another operator
    /// instead; repeating the request returns the same `approval`, and its transaction once it was
    /// approved. Requires the scope `points:adjust`.
    async fn adjust_points(
        &self,
        ctx: &Context<'_>,
        input: AdjustPointsInput,
    ) -> Result<Option<AdjustPointsPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (adjusted, user_errors) = split(adjust(loyalty, actor, input).await)?;
        let (transaction, approval) = match adjusted {
            Some(Adjusted::Posted(transaction)) => (Some(transaction.into()), None),
            Some(Adjusted::Requested(approval)) => (None, Some(approval.into())),
            None => (None, None),
        };
        Ok(Some(AdjustPointsPayload { transaction, approval, user_errors }))
    }

    /// Makes a wrong transaction good by another one: `EARN`, `PENDING`, `SPEND`, `EXPIRE`, `ADJUST`
    /// and `OPENING` can be voided, once each, and repeating the request returns the first result.
    /// What it gave is taken back, out of its own points first, then out of the member's others; what is not there is owed
    /// as far as the program allows. What it took is given back to be spent again. A redemption itself stays as it
    /// is. What comes back of a purchase is told to `recordReturn`, and then what it earned cannot be voided;
    /// what has paid for a purchase never can, for it goes back with the purchase. Requires the scope `points:adjust`.
    async fn void_transaction(
        &self,
        ctx: &Context<'_>,
        input: VoidTransactionInput,
    ) -> Result<Option<VoidTransactionPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (transaction, user_errors) = split(void(loyalty, actor, &input).await)?;
        let transaction = transaction.map(Transaction::from);
        Ok(Some(VoidTransactionPayload { transaction, user_errors }))
    }
}

async fn adjust(
    loyalty: &Loyalty,
    actor: &Actor,
    input: AdjustPointsInput,
) -> CoreResult<Adjusted> {
    let request = Adjust {
        member: input.member.parse()?,
        points: input.points.0,
        point_type: input.point_type,
        reason: input.reason,
        counts_as_earned: input.counts_as_earned,
        expires_at: input.expires_at.map(|at| at.0),
        effective_at: input.effective_at.map(|at| at.0),
        idempotency_key: input.idempotency_key,
    };
    loyalty.ledger().adjust(actor, &request).await
}

async fn void(
    loyalty: &Loyalty,
    actor: &Actor,
    input: &VoidTransactionInput,
) -> CoreResult<ledger::Transaction> {
    let id = input.transaction_id.parse().map_err(|error: Error| error.at("transactionId"))?;
    loyalty.ledger().void(actor, id, &input.reason).await
}
