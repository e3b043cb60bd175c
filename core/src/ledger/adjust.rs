//! Adjusting: points that an operator gives or takes, as for a grievance or a till's mistake.

use super::approvals::{Approval, known, request as ask_for};
use super::keyed::{AdjustmentRow, Keyed, ask_keyed};
use super::{Ledger, Transaction, statement};
use crate::accounts::{Lots, PointType, ask_late};
use crate::context::Program;
use crate::db::TryError;
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::members::{MemberRef, ask_named_states, the_named};
use crate::operation::{Adjusting, Operation, decide};
use crate::text::{self, invalid};
use crate::{Actor, Error, Points, Result, Scope, Timestamp};
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
    /// Since when it is given, such as the day of the purchase that was forgotten; now when absent.
    pub effective_at: Option<Timestamp>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_at: Option<Timestamp>,
}

/// What a request that waits for an approval keeps of what was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedFor<'a> {
    pub(crate) points: Points,
    pub(crate) point_type: &'a PointType,
    pub(crate) reason: &'a str,
    pub(crate) counts_as_earned: bool,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) effective_at: Option<Timestamp>,
}

impl AskedFor<'_> {
    /// Whether it is what was asked for with this hash. The main points need not have been named.
    pub(crate) fn is_kept_as(self, kept: &ArgumentsHash) -> bool {
        let named = |point_type| Arguments {
            points: self.points,
            point_type,
            reason: self.reason,
            counts_as_earned: self.counts_as_earned,
            expires_at: self.expires_at,
            effective_at: self.effective_at,
        };
        let unnamed = self.point_type.is_main().then_some(None);
        let ways = [Some(self.point_type.id())].into_iter().chain(unnamed);
        ways.map(named).any(|asked| ArgumentsHash::of(&asked).is_kept_as(kept))
    }
}

/// What became of a request to adjust points.
#[derive(Clone, Debug)]
pub enum Adjusted {
    Posted(Transaction),
    /// It is so large that another operator has to approve it.
    Requested(Approval),
}

impl Ledger<'_> {
    /// Gives or takes points, or asks another operator where the program says so. Fails with
    /// `INSUFFICIENT_POINTS`, `MEMBER_NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED` or `INVALID_INPUT`;
    /// nothing changes then.
    pub async fn adjust(self, actor: &Actor, request: &Adjust) -> Result<Adjusted> {
        actor.require(Scope::PointsAdjust)?;
        let key = request.check()?;
        let done = decide(self.context, actor.program(), "adjusting points", |program| {
            self.try_adjust(program, actor, request, &key)
        })
        .await?;
        Ok(match done {
            Keyed::Posted(id) => {
                Adjusted::Posted(statement::known(&self.context.db, actor.program(), id).await?)
            }
            Keyed::Requested(id) => {
                Adjusted::Requested(known(self.context, actor.program(), id).await?)
            }
        })
    }

    async fn try_adjust(
        self,
        program: Program,
        actor: &Actor,
        request: &Adjust,
        key: &IdempotencyKey,
    ) -> Result<Keyed, TryError> {
        let mut look = self.context.look(program.id);
        let (member, states) = ask_named_states(&mut look, &request.member, Lots::All);
        key.ask(&mut look);
        let keyed = ask_keyed(&mut look);
        let since = program.definition.late_since(request.effective_at.into_iter());
        let late = since.map(|since| ask_late(&mut look, since, false));
        let (found, program) = self.context.ask(&program, look).await?;
        if let Some(done) = keyed.read(&found, key)? {
            return Ok(done);
        }
        let member_id = the_named(&found, member)?;
        request.check_expiry(program.now)?;
        let named = program.definition.point_type(request.point_type.as_deref())?;
        let point_type = named.point_type.clone();
        let waits = program.definition.waits_for_approval(&point_type, request.points);
        let mut states = states.read(&found)?;
        late.map_or(Ok(()), |late| late.read(&found, &mut states))?;
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        let adjusting = request.adjusting(&point_type, operation.program())?;
        let done = if let Some(within) = waits {
            let id = ask_for(&mut operation, actor, member_id, &adjusting, within, key)?;
            Keyed::Requested(id)
        } else {
            let id = operation.adjust(member_id, &adjusting)?;
            operation.insert(&AdjustmentRow::of(id, member_id, key));
            Keyed::Posted(id)
        };
        operation.commit().await?;
        Ok(done)
    }
}

impl Adjust {
    fn check(&self) -> Result<IdempotencyKey> {
        self.member.check()?;
        text::name("reason", &self.reason)?;
        if self.points == Points::ZERO {
            return Err(invalid("points", "give points, or take them with a negative number"));
        }
        let of_given = [
            ("countsAsEarned", self.counts_as_earned),
            ("expiresAt", self.expires_at.is_some()),
            ("effectiveAt", self.effective_at.is_some()),
        ];
        let said = of_given.into_iter().find(|(_, is_said)| *is_said);
        if let Some((field, _)) = said.filter(|_| !self.points.is_positive()) {
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
                effective_at: self.effective_at,
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

    fn adjusting<'a>(
        &'a self,
        point_type: &'a PointType,
        program: &Program,
    ) -> Result<Adjusting<'a>> {
        let effective_at = self.effective_at;
        Ok(Adjusting {
            points: self.points,
            point_type,
            counts_as_earned: self.counts_as_earned,
            expires_at: self.expires_at,
            effective_at: effective_at
                .map(|at| program.dated("effectiveAt", Some(at), "point"))
                .transpose()?,
            reason: &self.reason,
            approved_by: None,
        })
    }
}
