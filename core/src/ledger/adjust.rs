//! Adjusting: points that an operator gives or takes, as for a grievance or a till's mistake.

use super::{Ledger, Transaction, statement};
use crate::accounts::Lots;
use crate::context::Program;
use crate::db::{TryError, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::members::{MemberRef, ask_named_states, the_named};
use crate::operation::{Adjusting, Operation, decide};
use crate::text::{self, invalid};
use crate::{Actor, Error, MemberId, Points, Result, Scope, Timestamp, TransactionId};
use serde::Serialize;

/// A request to give a member points, or to take some.
#[derive(Clone, Debug)]
pub struct Adjust {
    pub member: MemberRef,
    /// Given when positive, taken when negative.
    pub points: Points,
    /// Why, for people: the member sees it.
    pub reason: String,
    /// Whether what is given counts as earned, as for the tiers.
    pub counts_as_earned: bool,
    /// When what is given expires; as the program's policy says when absent.
    pub expires_at: Option<Timestamp>,
    /// Chosen by the caller, unique among the member's adjustments; a repeat returns the first.
    pub idempotency_key: String,
}

#[derive(Serialize)]
struct Arguments<'a> {
    points: Points,
    reason: &'a str,
    counts_as_earned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

row! {
    struct AdjustmentRow in "adjustments" {
        transaction_id: TransactionId,
        member_id: MemberId,
        idempotency_key: String,
        arguments_hash: ArgumentsHash,
    }
}

const KNOWN: &str = "
    SELECT a.transaction_id, a.member_id, a.idempotency_key, a.arguments_hash
    FROM request AS k EACH adjustments AS a
    WHERE a.program_id = $1 AND a.member_id = k.member_id AND a.idempotency_key = k.key";

impl Ledger<'_> {
    /// Gives or takes points. Fails with `INSUFFICIENT_POINTS`, `MEMBER_NOT_FOUND`,
    /// `IDEMPOTENCY_KEY_REUSED` or `INVALID_INPUT`; nothing changes then.
    pub async fn adjust(self, actor: &Actor, request: &Adjust) -> Result<Transaction> {
        actor.require(Scope::PointsAdjust)?;
        let key = request.check()?;
        let id = decide(self.context, actor.program(), "adjusting points", |program| {
            self.try_adjust(program, actor, request, &key)
        })
        .await?;
        statement::known(&self.context.db, actor.program(), id).await
    }

    async fn try_adjust(
        self,
        program: Program,
        actor: &Actor,
        request: &Adjust,
        key: &IdempotencyKey,
    ) -> Result<TransactionId, TryError> {
        let mut look = self.context.look(program.id);
        let (member, states) = ask_named_states(&mut look, &request.member, Lots::All);
        key.ask(&mut look);
        let known = look.ask::<AdjustmentRow>(KNOWN);
        let (found, program) = self.context.ask(&program, look).await?;
        if let Some(known) = found.rows(known)?.pop() {
            key.check(&known.arguments_hash)?;
            return Ok(known.transaction_id);
        }
        let member_id = the_named(&found, member)?;
        request.check_expiry(program.now)?;
        let mut operation = Operation::begin(self.context, program, states.read(&found)?)?;
        operation.act_as(actor.subject());
        let transaction_id = operation.adjust(member_id, &request.adjusting())?;
        operation.insert(&AdjustmentRow {
            transaction_id,
            member_id,
            idempotency_key: key.key.clone(),
            arguments_hash: key.arguments_hash.clone(),
        });
        operation.commit().await?;
        Ok(transaction_id)
    }
}

impl Adjust {
    fn check(&self) -> Result<IdempotencyKey> {
        self.member.check()?;
        text::name("reason", &self.reason)?;
        if self.points == Points::ZERO {
            return Err(invalid("points", "give points, or take them with a negative number"));
        }
        if !self.points.is_positive() && (self.counts_as_earned || self.expires_at.is_some()) {
            let field = if self.counts_as_earned { "countsAsEarned" } else { "expiresAt" };
            return Err(invalid(field, "says something of points that are given, not taken"));
        }
        IdempotencyKey::new(
            &self.idempotency_key,
            &Arguments {
                points: self.points,
                reason: &self.reason,
                counts_as_earned: self.counts_as_earned,
                expires_at: self.expires_at,
            },
        )
    }

    /// By the program's clock, which a repeat is not asked about.
    fn check_expiry(&self, now: Timestamp) -> Result<(), Error> {
        if self.expires_at.is_some_and(|at| at <= now) {
            return Err(invalid(
                "expiresAt",
                format!("is not later than the program's now, {now}"),
            ));
        }
        Ok(())
    }

    fn adjusting(&self) -> Adjusting<'_> {
        Adjusting {
            points: self.points,
            counts_as_earned: self.counts_as_earned,
            expires_at: self.expires_at,
            reason: &self.reason,
        }
    }
}
