//! Reading requests.

use super::{APPROVED, Approval, ApprovalState, DECLINED, Decision, InState};
use crate::accounts::PointType;
use crate::context::Context;
use crate::db::select::Select;
use crate::db::{id, limit, row};
use crate::ledger::Ledger;
use crate::page::{Page, PageRequest};
use crate::{
    Actor, ApprovalId, Error, MemberId, Points, ProgramId, Result, Scope, Timestamp, TransactionId,
};
use sea_orm::FromQueryResult;

row! {
    #[derive(FromQueryResult)]
    pub(super) struct ApprovalRow {
        id: ApprovalId,
        member_id: MemberId,
        point_type: PointType,
        points: Points,
        reason: String,
        counts_as_earned: i32,
        expires_at: Option<Timestamp>,
        effective_at: Option<Timestamp>,
        requested_at: Timestamp,
        requested_by: String,
        decide_by: Timestamp,
        outcome: Option<String>,
        decided_at: Option<Timestamp>,
        decided_by: Option<String>,
        decision_reason: Option<String>,
        transaction_id: Option<TransactionId>,
    }
}

const SELECT: &str = "
    SELECT a.id, COALESCE(m.merged_into, a.member_id) AS member_id, a.point_type, a.points, a.reason,
        a.counts_as_earned, a.expires_at, a.effective_at, a.requested_at, a.requested_by, a.decide_by, a.outcome, a.decided_at,
        a.decided_by, a.decision_reason, a.transaction_id
    FROM approvals AS a
    JOIN members AS m ON m.program_id = $1 AND m.id = a.member_id
    WHERE a.program_id = $1";
/// Whoever decides reads all requests, and whoever reads all.
const READERS: [Scope; 2] = [Scope::Read, Scope::PointsApprove];

impl Ledger<'_> {
    /// A request; none when it does not exist or the actor may not see it.
    pub async fn approval(self, actor: &Actor, approval: ApprovalId) -> Result<Option<Approval>> {
        if actor.require_any(&READERS).is_err() {
            return Ok(None);
        }
        find(self.context, actor.program(), approval).await
    }

    /// Requests, of all members or of one, newest first.
    pub async fn approvals(
        self,
        actor: &Actor,
        member: Option<MemberId>,
        state: Option<InState>,
        page: PageRequest<ApprovalId>,
    ) -> Result<Page<Approval>> {
        actor.require_any(&READERS)?;
        let now = self.context.program(actor.program()).await?.now;
        let db = &self.context.db;
        let select = Select::new(SELECT, [id(actor.program()), limit(page.first + 1)])
            .and_of("a.member_id", member.map(id))
            .and("a.id < {}", page.after.map(id));
        let select = match state {
            None => select,
            Some(InState::Waiting) => {
                select.and("a.outcome IS NULL AND a.decide_by > {}", Some(now.into()))
            }
            Some(InState::Expired) => {
                select.and("a.outcome IS NULL AND a.decide_by <= {}", Some(now.into()))
            }
            Some(InState::Approved) => select.and("a.outcome = {}", Some(APPROVED.into())),
            Some(InState::Declined) => select.and("a.outcome = {}", Some(DECLINED.into())),
        };
        let statement = select.ending(db.read(), " ORDER BY a.id DESC LIMIT $2");
        let found = ApprovalRow::find_by_statement(statement).all(db.read()).await?;
        Page::of(found, page.first).try_map(|row| row.approval(now))
    }
}

/// A request that is there: it was just written.
pub(in crate::ledger) async fn known(
    context: &Context,
    program: ProgramId,
    approval: ApprovalId,
) -> Result<Approval> {
    let found = find(context, program, approval).await?;
    found.ok_or_else(|| Error::internal(format!("{approval} is gone")))
}

async fn find(
    context: &Context,
    program: ProgramId,
    approval: ApprovalId,
) -> Result<Option<Approval>> {
    let now = context.program(program).await?.now;
    let db = &context.db;
    let statement = db.sql(&format!("{SELECT} AND a.id = $2"), [id(program), id(approval)]);
    let found = ApprovalRow::find_by_statement(statement).one(db.read()).await?;
    found.map(|row| row.approval(now)).transpose()
}

impl ApprovalRow {
    /// As it is at `now`.
    pub(super) fn approval(self, now: Timestamp) -> Result<Approval> {
        let state = match self.outcome.as_deref() {
            None if self.decide_by > now => ApprovalState::Waiting,
            None => ApprovalState::Expired,
            Some(outcome) => {
                let broken = || Error::internal(format!("{} ended as `{outcome}`", self.id));
                let (at, by) = self.decided_at.zip(self.decided_by).ok_or_else(broken)?;
                let decision = Decision { at, by, reason: self.decision_reason };
                match (outcome, self.transaction_id) {
                    (APPROVED, Some(transaction)) => {
                        ApprovalState::Approved { decision, transaction }
                    }
                    (DECLINED, None) => ApprovalState::Declined(decision),
                    _ => return Err(broken()),
                }
            }
        };
        Ok(Approval {
            id: self.id,
            member: self.member_id,
            points: self.points,
            point_type: self.point_type,
            reason: self.reason,
            counts_as_earned: self.counts_as_earned != 0,
            expires_at: self.expires_at,
            effective_at: self.effective_at,
            requested_at: self.requested_at,
            requested_by: self.requested_by,
            decide_by: self.decide_by,
            state,
        })
    }
}
