//! Approvals in the admin schema: adjustments that wait for a second operator.

use super::admin::Transaction;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::admin::Member;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Points};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::ledger::{self, ApprovalState as State, Decide, InState};
use perennial_core::{Error, MemberId, Result as CoreResult};

/// An adjustment of points that somebody has asked for, so large that another operator has to
/// approve it, and what became of that.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Approval {
    /// The request's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The id of the member whose points would change.
    member_id: ID,
    /// Whether the request waits, and what became of it.
    state: ApprovalState,
    /// How many points would be given; taken if the number is negative.
    points: Points,
    /// The id in the program file of the type of the points; `points` for the main ones.
    point_type: String,
    /// Why, for people: the member sees it once the points are there.
    reason: String,
    /// Whether points that are given count as earned, as for the tiers.
    counts_as_earned: bool,
    /// When points that are given expire. Null if the program's policy says it.
    expires_at: Option<DateTime>,
    /// Since when points that are given count as given. Null for when they are approved.
    effective_at: Option<DateTime>,
    /// When it was asked for, according to the program's clock.
    requested_at: DateTime,
    /// Who asked, such as `operator:till`.
    requested_by: String,
    /// Until when somebody can decide; from then on the request is `EXPIRED`.
    decide_by: DateTime,
    /// When somebody decided. Null if nobody did.
    decided_at: Option<DateTime>,
    /// Who decided, such as `operator:office`. Null if nobody did.
    decided_by: Option<String>,
    /// What whoever decided said to it. Null if nothing.
    decision_reason: Option<String>,
    /// The id of the transaction that posted it. Null unless it was approved.
    transaction_id: Option<ID>,
    #[graphql(skip)]
    member: MemberId,
}

#[ComplexObject]
impl Approval {
    /// The member whose points would change. Null without the scope `members:read`.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(loyalty.members().find(actor, self.member).await?.map(Member::from))
    }
}

/// Whether a request waits for a second operator, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "InState")]
pub(crate) enum ApprovalState {
    /// Nobody has decided yet.
    Waiting,
    /// Another operator approved it, and it was posted.
    Approved,
    /// Somebody declined it; nothing happened.
    Declined,
    /// Nobody had decided in time; nothing happened.
    Expired,
}

impl From<ledger::Approval> for Approval {
    fn from(approval: ledger::Approval) -> Self {
        let (state, decision, transaction) = match approval.state {
            State::Waiting => (ApprovalState::Waiting, None, None),
            State::Expired => (ApprovalState::Expired, None, None),
            State::Declined(decision) => (ApprovalState::Declined, Some(decision), None),
            State::Approved { decision, transaction } => {
                (ApprovalState::Approved, Some(decision), Some(transaction))
            }
        };
        let decided_at = decision.as_ref().map(|decision| decision.at.into());
        let (decided_by, decision_reason) =
            decision.map(|decision| (decision.by, decision.reason)).unzip();
        Self {
            id: GlobalId::Approval(approval.id).into(),
            member_id: GlobalId::Member(approval.member).into(),
            state,
            points: approval.points.into(),
            point_type: approval.point_type.id().to_owned(),
            reason: approval.reason,
            counts_as_earned: approval.counts_as_earned,
            expires_at: approval.expires_at.map(DateTime::from),
            effective_at: approval.effective_at.map(DateTime::from),
            requested_at: approval.requested_at.into(),
            requested_by: approval.requested_by,
            decide_by: approval.decide_by.into(),
            decided_at,
            decided_by,
            decision_reason: decision_reason.flatten(),
            transaction_id: transaction.map(|id| GlobalId::Transaction(id).into()),
            member: approval.member,
        }
    }
}

/// A request to approve.
#[derive(Debug, InputObject)]
pub(crate) struct ApproveAdjustmentInput {
    /// The request's id.
    approval_id: ID,
    /// Why, for other operators: the member does not see it. 1 to 200 printable characters.
    /// Default: nothing.
    reason: Option<String>,
}

/// A request to decline.
#[derive(Debug, InputObject)]
pub(crate) struct DeclineAdjustmentInput {
    /// The request's id.
    approval_id: ID,
    /// Why, for other operators: the member does not see it. 1 to 200 printable characters.
    /// Default: nothing.
    reason: Option<String>,
}

/// Result of approving an adjustment.
#[derive(Debug, SimpleObject)]
pub(crate) struct ApproveAdjustmentPayload {
    /// The request, which is approved. Null if approving it was refused.
    approval: Option<Approval>,
    /// The transaction that posted it, of the kind `ADJUST`. Null if approving it was refused.
    transaction: Option<Transaction>,
    /// Why it was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of declining an adjustment.
#[derive(Debug, SimpleObject)]
pub(crate) struct DeclineAdjustmentPayload {
    /// The request, which is declined. Null if declining it was refused.
    approval: Option<Approval>,
    /// Why it was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct ApprovalMutation;

#[Object]
impl ApprovalMutation {
    /// Posts an adjustment that another operator has asked for, on what there is now: if the balance
    /// does not suffice the request goes on waiting. Whoever has asked cannot approve. Repeating the
    /// request returns the same. Requires the scope `points:approve`.
    async fn approve_adjustment(
        &self,
        ctx: &Context<'_>,
        input: ApproveAdjustmentInput,
    ) -> Result<Option<ApproveAdjustmentPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let done = match decide(&input.approval_id, input.reason) {
            Ok(request) => loyalty.ledger().approve(actor, &request).await,
            Err(error) => Err(error),
        };
        let (approved, user_errors) = split(done)?;
        let (approval, transaction) =
            approved.map(|done| (done.approval.into(), done.transaction.into())).unzip();
        Ok(Some(ApproveAdjustmentPayload { approval, transaction, user_errors }))
    }

    /// Ends the request for an adjustment; nothing happens to the points. Whoever has asked may do so
    /// too. Repeating the request returns the same. Requires the scope `points:approve`.
    async fn decline_adjustment(
        &self,
        ctx: &Context<'_>,
        input: DeclineAdjustmentInput,
    ) -> Result<Option<DeclineAdjustmentPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let done = match decide(&input.approval_id, input.reason) {
            Ok(request) => loyalty.ledger().decline(actor, &request).await,
            Err(error) => Err(error),
        };
        let (approval, user_errors) = split(done)?;
        let approval = approval.map(Approval::from);
        Ok(Some(DeclineAdjustmentPayload { approval, user_errors }))
    }
}

fn decide(approval: &ID, reason: Option<String>) -> CoreResult<Decide> {
    let approval = approval.parse().map_err(|error: Error| error.at("approvalId"))?;
    Ok(Decide { approval, reason })
}

#[derive(Debug, Default)]
pub(crate) struct ApprovalQuery;

#[Object]
impl ApprovalQuery {
    /// Adjustments of all members that needed a second operator, newest first. Requires the scope
    /// `read` or `points:approve`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn approvals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only requests in this state.")] state: Option<ApprovalState>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Approval>>> {
        list(ctx, None, state, first, after).await
    }
}

/// The adjustments of a member that needed a second operator.
#[derive(Debug)]
pub(crate) struct MemberApprovals(pub(crate) MemberId);

#[Object]
impl MemberApprovals {
    /// Adjustments of the member's points that needed a second operator, newest first. Requires the
    /// scope `read` or `points:approve`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn approvals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only requests in this state.")] state: Option<ApprovalState>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Approval>>> {
        list(ctx, Some(self.0), state, first, after).await
    }
}

async fn list(
    ctx: &Context<'_>,
    member: Option<MemberId>,
    state: Option<ApprovalState>,
    first: u32,
    after: Option<String>,
) -> Result<Option<Connection<Approval>>> {
    let (loyalty, actor) = ctx.caller()?;
    let page = page(first, after.as_deref())?;
    let found = loyalty.ledger().approvals(actor, member, state.map(InState::from), page).await?;
    Ok(Some(connection(found, after.as_deref(), |one| one.id, Approval::from)))
}
