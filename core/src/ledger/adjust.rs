//! Adjusting: points that an operator gives or takes, as for a grievance or a till's mistake.

use super::{Ledger, Transaction, statement};
use crate::accounts::{Lots, PointType};
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
    /// The id of their type; the program's main points when absent.
    pub point_type: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    point_type: Option<&'a str>,
    reason: &'a str,
    counts_as_earned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

row! {
    pub(super) struct AdjustmentRow in "adjustments" {
        pub(super) transaction_id: TransactionId,
        member_id: MemberId,
        idempotency_key: String,
        pub(super) arguments_hash: ArgumentsHash,
    }
}

pub(super) const KNOWN: &str = "
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
        let named = program.definition.point_type(request.point_type.as_deref())?;
        let point_type = named.point_type.clone();
        let mut operation = Operation::begin(self.context, program, states.read(&found)?)?;
        operation.act_as(actor.subject());
        let transaction_id = operation.adjust(member_id, &request.adjusting(&point_type))?;
        operation.insert(&AdjustmentRow::of(transaction_id, member_id, key));
        operation.commit().await?;
        Ok(transaction_id)
    }
}

impl AdjustmentRow {
    pub(super) fn of(
        transaction_id: TransactionId,
        member_id: MemberId,
        key: &IdempotencyKey,
    ) -> Self {
        let (idempotency_key, arguments_hash) = (key.key.clone(), key.arguments_hash.clone());
        Self { transaction_id, member_id, idempotency_key, arguments_hash }
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
                point_type: self.point_type.as_deref(),
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

    fn adjusting<'a>(&'a self, point_type: &'a PointType) -> Adjusting<'a> {
        Adjusting {
            points: self.points,
            point_type,
            counts_as_earned: self.counts_as_earned,
            expires_at: self.expires_at,
            reason: &self.reason,
        }
    }
}
