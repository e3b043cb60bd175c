//! Letting points last longer than they were to, or ending them, by hand and with a reason.

use super::keyed::{AdjustmentRow, Keyed, ask_keyed};
use super::{Ledger, Transaction, statement};
use crate::accounts::{Lot, Lots, MemberState, PointType};
use crate::context::Program;
use crate::db::{TryError, row};
use crate::idempotency::IdempotencyKey;
use crate::members::{MemberRef, ask_named_states, the_named};
use crate::operation::{Cause, Ending, Extending, Operation, decide};
use crate::text::{self, invalid};
use crate::{
    AccountId, Actor, Code, Error, LotId, MemberId, Result, Scope, Timestamp, TransactionId,
};
use serde::Serialize;
use serde_json::Value;

/// Which of a member's points.
#[derive(Clone, Debug, Serialize)]
pub enum WhichPoints {
    /// What remains of what these transactions gave.
    EarnedBy(Vec<TransactionId>),
    /// What would expire before then.
    ExpiringBefore(Timestamp),
    /// All that can be spent.
    All,
}

/// What becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Lasting {
    Until(Timestamp),
    ForEver,
    /// They expire now.
    NoLonger,
}

/// A request to let points last longer, or to end them.
#[derive(Clone, Debug)]
pub struct Relast {
    pub member: MemberRef,
    /// The id of their type; the program's main points when absent.
    pub point_type: Option<String>,
    pub which: WhichPoints,
    pub lasting: Lasting,
    /// Why, for people: the member sees it.
    pub reason: String,
    /// Chosen by the caller, unique among the member's adjustments; a repeat returns the first.
    pub idempotency_key: String,
}

#[derive(Serialize)]
struct Arguments<'a> {
    point_type: Option<&'a str>,
    which: &'a WhichPoints,
    lasting: Lasting,
    reason: &'a str,
}

row! {
    struct NamedKey {
        id: TransactionId,
    }
}

row! {
    struct NamedRow {
        id: TransactionId,
        account_id: AccountId,
        explanation: Option<Value>,
    }
}

const NAMED: &str = "
    SELECT t.id, COALESCE(m.merged_into, t.account_id) AS account_id, t.explanation
    FROM {rows} AS k EACH transactions AS t
    JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
    WHERE t.program_id = $1 AND t.id = k.id";

impl WhichPoints {
    fn named(&self) -> &[TransactionId] {
        match self {
            Self::EarnedBy(named) => named,
            Self::ExpiringBefore(_) | Self::All => &[],
        }
    }

    fn keys(&self) -> Vec<NamedKey> {
        self.named().iter().map(|id| NamedKey { id: *id }).collect()
    }

    /// The transactions that made the lots: of points that were pending the one that earned them.
    /// Fails with `TRANSACTION_NOT_FOUND` if one is neither the member's nor of whoever was merged
    /// into it.
    fn earned_by(&self, member: MemberId, rows: &[NamedRow]) -> Result<Vec<TransactionId>> {
        let of_member = |id: &TransactionId| {
            rows.iter().find(|row| row.id == *id && row.account_id == AccountId::from(member))
        };
        let mut made = Vec::with_capacity(rows.len());
        for (index, id) in self.named().iter().enumerate() {
            let row = of_member(id).ok_or_else(|| {
                let why = "the member has no such transaction";
                let error = Error::new(Code::TransactionNotFound, why);
                error.at(index.to_string()).at("earnedBy").at("which")
            })?;
            let cause = row.explanation.clone().and_then(Cause::read);
            made.push(cause.and_then(|cause| cause.activates()).unwrap_or(row.id));
        }
        Ok(made)
    }
}

/// As many transactions as one request names.
pub const NAMED_MAX: usize = 100;

impl Ledger<'_> {
    /// Lets points last longer, or ends them. Fails with `INSUFFICIENT_POINTS` if there are none,
    /// `MEMBER_NOT_FOUND`, `POINT_TYPE_NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED` or `INVALID_INPUT`;
    /// nothing changes then.
    pub async fn relast(self, actor: &Actor, request: &Relast) -> Result<Transaction> {
        actor.require(Scope::PointsAdjust)?;
        let key = request.check()?;
        let id =
            decide(self.context, actor.program(), "changing how long points last", |program| {
                self.try_relast(program, actor, request, &key)
            })
            .await?;
        statement::known(&self.context.db, actor.program(), id).await
    }

    async fn try_relast(
        self,
        program: Program,
        actor: &Actor,
        request: &Relast,
        key: &IdempotencyKey,
    ) -> Result<TransactionId, TryError> {
        let mut look = self.context.look(program.id);
        let (member, states) = ask_named_states(&mut look, &request.member, Lots::All);
        key.ask(&mut look);
        let keyed = ask_keyed(&mut look);
        let named = look.ask_over::<_, NamedRow>(NAMED, &request.which.keys());
        let (found, program) = self.context.ask(&program, look).await?;
        match keyed.read(&found, key)? {
            Some(Keyed::Posted(id)) => return Ok(id),
            Some(Keyed::Requested(id)) => {
                let why = format!("{id} has the arguments of what is never asked for");
                return Err(Error::internal(why).into());
            }
            None => {}
        }
        let member_id = the_named(&found, member)?;
        request.check_until(program.now)?;
        let earned_by = request.which.earned_by(member_id, &found.rows(named)?)?;
        let policy = program.definition.point_type(request.point_type.as_deref())?;
        let point_type = policy.point_type.clone();
        let mut operation = Operation::begin(self.context, program, states.read(&found)?)?;
        operation.act_as(actor.subject());
        let transaction_id = request.apply(&mut operation, member_id, &point_type, &earned_by)?;
        operation.insert(&AdjustmentRow::of(transaction_id, member_id, key));
        operation.commit().await?;
        Ok(transaction_id)
    }
}

impl Relast {
    fn check(&self) -> Result<IdempotencyKey> {
        self.member.check()?;
        text::name("reason", &self.reason)?;
        if let WhichPoints::EarnedBy(named) = &self.which
            && !(1..=NAMED_MAX).contains(&named.len())
        {
            return Err(
                invalid("earnedBy", format!("name 1 to {NAMED_MAX} transactions")).at("which")
            );
        }
        IdempotencyKey::new(
            &self.idempotency_key,
            &Arguments {
                point_type: self.point_type.as_deref(),
                which: &self.which,
                lasting: self.lasting,
                reason: &self.reason,
            },
        )
    }

    /// By the program's clock, which a repeat is not asked about.
    fn check_until(&self, now: Timestamp) -> Result<()> {
        match self.lasting {
            Lasting::Until(until) if until <= now => {
                Err(invalid("until", format!("is not later than the program's now, {now}")))
            }
            _ => Ok(()),
        }
    }

    fn apply(
        &self,
        operation: &mut Operation<'_>,
        member: MemberId,
        point_type: &PointType,
        earned_by: &[TransactionId],
    ) -> Result<TransactionId> {
        let lots = self.lots(operation.state(member)?, point_type, earned_by);
        if lots.is_empty() {
            let why = match self.lasting {
                Lasting::NoLonger => "there are no such points that could end",
                _ => "there are no such points that would end before then",
            };
            return Err(Error::new(Code::InsufficientPoints, why).at("which"));
        }
        let (lots, reason) = (&lots[..], &self.reason[..]);
        let until = match self.lasting {
            Lasting::NoLonger => {
                return operation.end_by_hand(member, &Ending { lots, point_type, reason });
            }
            Lasting::Until(until) => Some(until),
            Lasting::ForEver => None,
        };
        operation.extend(member, &Extending { lots, point_type, until, reason })
    }

    /// The lots of which something remains, less those that last as long anyway.
    fn lots(
        &self,
        state: &MemberState,
        point_type: &PointType,
        earned_by: &[TransactionId],
    ) -> Vec<LotId> {
        let is_meant = |lot: &&Lot| match &self.which {
            WhichPoints::EarnedBy(_) => earned_by.contains(&lot.transaction),
            WhichPoints::ExpiringBefore(at) => state.over_at(lot).is_some_and(|over| over < *at),
            WhichPoints::All => true,
        };
        let lasts_less = |lot: &&Lot| match self.lasting {
            Lasting::NoLonger => true,
            Lasting::ForEver => state.over_at(lot).is_some(),
            Lasting::Until(until) => state.over_at(lot).is_some_and(|over| over < until),
        };
        state.open_lots(point_type).filter(is_meant).filter(lasts_less).map(|lot| lot.id).collect()
    }
}
