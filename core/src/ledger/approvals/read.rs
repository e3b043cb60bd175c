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
        /// By the program's clock.
        now: Timestamp,
    }
}

/// `$2` is the server's now. A test clock is read with the rows: another server may have moved it.
const SELECT: &str = "
    SELECT ap.id, COALESCE(m.merged_into, ap.member_id) AS member_id, ap.point_type, ap.points, ap.reason,
        ap.counts_as_earned, ap.expires_at, ap.effective_at, ap.requested_at, ap.requested_by, ap.decide_by,
        ap.outcome, ap.decided_at, ap.decided_by, ap.decision_reason, ap.transaction_id,
        COALESCE(p.test_clock_at, $2) AS now
    FROM approvals AS ap
    JOIN members AS m ON m.program_id = $1 AND m.id = ap.member_id
    JOIN programs AS p ON p.id = $1
    WHERE ap.program_id = $1";
const IS_WAITING: &str = " AND ap.outcome IS NULL AND ap.decide_by > COALESCE(p.test_clock_at, $2)";
const IS_EXPIRED: &str =
    " AND ap.outcome IS NULL AND ap.decide_by <= COALESCE(p.test_clock_at, $2)";
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
        let db = &self.context.db;
        let now = self.context.now().into();
        let select = Select::new(SELECT, [id(actor.program()), now, limit(page.first + 1)])
            .and_of("ap.member_id", member.map(id))
            .and("ap.id < {}", page.after.map(id));
        let (is_in, outcome) = match state {
            None => ("", None),
            Some(InState::Waiting) => (IS_WAITING, None),
            Some(InState::Expired) => (IS_EXPIRED, None),
            Some(InState::Approved) => ("", Some(APPROVED.into())),
            Some(InState::Declined) => ("", Some(DECLINED.into())),
        };
        let ending = format!("{is_in} ORDER BY ap.id DESC LIMIT $3");
        let statement = select.and("ap.outcome = {}", outcome).ending(db.read(), &ending);
        let found = ApprovalRow::find_by_statement(statement).all(db.read()).await?;
        Page::of(found, page.first).try_map(ApprovalRow::approval)
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
    let (db, now) = (&context.db, context.now().into());
    let statement = db.sql(&format!("{SELECT} AND ap.id = $3"), [id(program), now, id(approval)]);
    let found = ApprovalRow::find_by_statement(statement).one(db.read()).await?;
    found.map(ApprovalRow::approval).transpose()
}

impl ApprovalRow {
    /// As it is now.
    pub(super) fn approval(self) -> Result<Approval> {
        let state = match self.outcome.as_deref() {
            None if self.decide_by > self.now => ApprovalState::Waiting,
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
