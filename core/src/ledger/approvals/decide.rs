//! Deciding about a request: another operator approves it, or somebody declines it.

use super::read::{ApprovalRow, known};
use super::{APPROVED, Approval, ApprovalState, DECLINED};
use crate::accounts::{Lots, StateQuestions, ask_late_since, ask_states};
use crate::context::Program;
use crate::db::{Look, Question, TryError, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::ledger::keyed::AdjustmentRow;
use crate::ledger::{Ledger, Transaction, statement};
use crate::operation::{Adjusting, Operation, decide};
use crate::{
    Actor, ApprovalId, Code, Error, Result, Scope, Subject, Timestamp, TransactionId, text,
};

/// A request to decide about one.
#[derive(Clone, Debug)]
pub struct Decide {
    pub approval: ApprovalId,
    /// Why, for other operators.
    pub reason: Option<String>,
}

/// What was approved, with what it has posted.
#[derive(Clone, Debug)]
pub struct Approved {
    pub approval: Approval,
    pub transaction: Transaction,
}

row! {
    struct ApprovalKey {
        id: ApprovalId,
    }
}

row! {
    /// The key under which a request was made, which what it posts has too.
    struct KeyRow {
        idempotency_key: String,
        arguments_hash: ArgumentsHash,
        /// Whether it is about a gift card that somebody has claimed since.
        is_claimed: bool,
    }
}

row! {
    struct DecisionRow {
        id: ApprovalId,
        outcome: String,
        decided_at: Timestamp,
        decided_by: String,
        decision_reason: Option<String>,
        transaction_id: Option<TransactionId>,
    }
}

const NAMED: &str = "
    SELECT a.id, COALESCE(m.merged_into, a.member_id) AS member_id, a.point_type, a.points, a.reason,
        a.counts_as_earned, a.expires_at, a.effective_at, a.requested_at, a.requested_by, a.decide_by, a.outcome, a.decided_at,
        a.decided_by, a.decision_reason, a.transaction_id, a.idempotency_key, a.arguments_hash,
        CASE WHEN m.kind = 'GIFT_CARD' AND m.merged_into IS NOT NULL THEN 1 ELSE 0 END AS is_claimed
    FROM {rows} AS k EACH approvals AS a
    JOIN members AS m ON m.program_id = $1 AND m.id = a.member_id
    WHERE a.program_id = $1 AND a.id = k.id";
const ITSELF: &str = "
    SELECT k.id, k.member_id, k.point_type, k.points, k.reason, k.counts_as_earned, k.expires_at,
        k.effective_at, k.requested_at, k.requested_by, k.decide_by, k.outcome, k.decided_at,
        k.decided_by, k.decision_reason, k.transaction_id, p.now
    FROM named_approval AS k
    CROSS JOIN p";
/// Since when is given what was asked for.
const GIVEN: &str = "
    SELECT effective_at AS since
    FROM named_approval
    WHERE effective_at IS NOT NULL";
const DECIDE: &str = "
    UPDATE approvals
    SET outcome = r.outcome, decided_at = r.decided_at, decided_by = r.decided_by,
        decision_reason = r.decision_reason, transaction_id = r.transaction_id
    FROM {rows} AS r
    WHERE approvals.program_id = $1 AND approvals.id {in: SELECT k.id FROM {rows} AS k}
        AND approvals.id = r.id";

/// What a decision needs to know.
struct Questions {
    states: StateQuestions,
    named: Question<ApprovalRow>,
    key: Question<KeyRow>,
}

impl Ledger<'_> {
    /// Posts what another operator has asked for, on what there is now. A repeat returns the same.
    /// Fails with `APPROVAL_NOT_FOUND`, `APPROVAL_ENDED`, `SECOND_OPERATOR_NEEDED` for whoever
    /// asked, `CARD_ENDED` for what was meant for a gift card that is somebody's by now, and as
    /// [`Ledger::adjust`]; nothing changes then, and the request goes on waiting.
    pub async fn approve(self, actor: &Actor, request: &Decide) -> Result<Approved> {
        actor.require(Scope::PointsApprove)?;
        request.check()?;
        let id = decide(self.context, actor.program(), "approving an adjustment", |program| {
            self.try_approve(program, actor, request)
        })
        .await?;
        Ok(Approved {
            approval: known(self.context, actor.program(), request.approval).await?,
            transaction: statement::known(&self.context.db, actor.program(), id).await?,
        })
    }

    /// Ends a request without what it asked for; whoever has asked may do so too. A repeat returns
    /// the same. Fails with `APPROVAL_NOT_FOUND` or `APPROVAL_ENDED`; nothing changes then.
    pub async fn decline(self, actor: &Actor, request: &Decide) -> Result<Approval> {
        actor.require(Scope::PointsApprove)?;
        request.check()?;
        decide(self.context, actor.program(), "declining an adjustment", |program| {
            self.try_decline(program, actor, request)
        })
        .await?;
        known(self.context, actor.program(), request.approval).await
    }

    async fn try_approve(
        self,
        program: Program,
        actor: &Actor,
        request: &Decide,
    ) -> Result<TransactionId, TryError> {
        let mut look = self.context.look(program.id);
        let asked = request.ask(&mut look);
        let slides = program.definition.sliding().next().is_some();
        let late = slides.then(|| ask_late_since(&mut look, GIVEN));
        let (found, program) = self.context.ask(&program, look).await?;
        let row = found.rows(asked.named)?.pop().ok_or_else(not_found)?;
        let approval = row.approval()?;
        let approved_by = actor.subject().to_string();
        match approval.state {
            ApprovalState::Waiting if approval.requested_by == approved_by => {
                return Err(needs_another().into());
            }
            ApprovalState::Waiting => {}
            ApprovalState::Approved { transaction, .. } => return Ok(transaction),
            ApprovalState::Declined(_) | ApprovalState::Expired => {
                return Err(ended(&approval).into());
            }
        }
        // The type may be gone from the program since.
        program.definition.point_type(Some(approval.point_type.id()))?;
        let key = found.rows(asked.key)?.pop().ok_or_else(not_found)?;
        if key.is_claimed {
            return Err(claimed().into());
        }
        let mut states = asked.states.read(&found)?;
        late.map_or(Ok(()), |late| late.read(&found, &mut states))?;
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(&approval.requested_by.parse::<Subject>()?);
        let id = operation.adjust(approval.member, &approval.adjusting(&approved_by))?;
        operation.insert(&AdjustmentRow::of(id, approval.member, &key.into()));
        operation.run(DECIDE, &request.decision(actor, operation.program().now, Some(id)));
        operation.commit().await?;
        Ok(id)
    }

    async fn try_decline(
        self,
        program: Program,
        actor: &Actor,
        request: &Decide,
    ) -> Result<(), TryError> {
        let mut look = self.context.look(program.id);
        let asked = request.ask(&mut look);
        let (found, program) = self.context.ask(&program, look).await?;
        let row = found.rows(asked.named)?.pop().ok_or_else(not_found)?;
        let approval = row.approval()?;
        match approval.state {
            ApprovalState::Waiting => {}
            ApprovalState::Declined(_) => return Ok(()),
            ApprovalState::Approved { .. } | ApprovalState::Expired => {
                return Err(ended(&approval).into());
            }
        }
        let mut operation = Operation::begin(self.context, program, asked.states.read(&found)?)?;
        operation.act_as(actor.subject());
        operation.change(approval.member)?.touch();
        operation.run(DECIDE, &request.decision(actor, operation.program().now, None));
        operation.commit().await
    }
}

impl Decide {
    fn check(&self) -> Result<()> {
        self.reason.as_deref().map_or(Ok(()), |reason| text::name("reason", reason))
    }

    fn ask(&self, look: &mut Look) -> Questions {
        look.table_over("named_approval", NAMED, &[ApprovalKey { id: self.approval }]);
        look.table("who", "SELECT member_id AS id FROM named_approval");
        Questions {
            states: ask_states(look, Lots::All),
            named: look.ask(ITSELF),
            key: look.ask("SELECT idempotency_key, arguments_hash, is_claimed FROM named_approval"),
        }
    }

    /// Approved if there is a transaction.
    fn decision(
        &self,
        actor: &Actor,
        at: Timestamp,
        transaction: Option<TransactionId>,
    ) -> DecisionRow {
        let outcome = if transaction.is_some() { APPROVED } else { DECLINED };
        DecisionRow {
            id: self.approval,
            outcome: outcome.to_owned(),
            decided_at: at,
            decided_by: actor.subject().to_string(),
            decision_reason: self.reason.clone(),
            transaction_id: transaction,
        }
    }
}

impl Approval {
    fn adjusting<'a>(&'a self, approved_by: &'a str) -> Adjusting<'a> {
        Adjusting {
            points: self.points,
            point_type: &self.point_type,
            counts_as_earned: self.counts_as_earned,
            expires_at: self.expires_at,
            effective_at: self.effective_at,
            reason: &self.reason,
            approved_by: Some(approved_by),
        }
    }
}

impl From<KeyRow> for IdempotencyKey {
    fn from(row: KeyRow) -> Self {
        Self { key: row.idempotency_key, arguments_hash: row.arguments_hash }
    }
}

fn not_found() -> Error {
    let why = "there is no such request in this program";
    Error::new(Code::ApprovalNotFound, why).at("approvalId")
}

fn needs_another() -> Error {
    let why = "you have asked for this yourself: another operator approves it";
    Error::new(Code::SecondOperatorNeeded, why).at("approvalId")
}

/// Whoever asked meant the card, and whoever claimed it did not pay for more than was on it.
fn claimed() -> Error {
    let why = "the gift card that this was asked for was claimed since: decline the request, and \
               adjust the points of the member who has claimed it if they are meant";
    Error::new(Code::CardEnded, why).at("approvalId")
}

fn ended(approval: &Approval) -> Error {
    let why = match &approval.state {
        ApprovalState::Approved { decision, .. } => {
            format!("the request was approved by {}", decision.by)
        }
        ApprovalState::Declined(decision) => format!("the request was declined by {}", decision.by),
        ApprovalState::Waiting | ApprovalState::Expired => {
            format!("the request could be decided until {}", approval.decide_by)
        }
    };
    Error::new(Code::ApprovalEnded, why).at("approvalId")
}
