//! Holding points, capturing what is held, and giving it up.

use super::read::{HoldRow, Known, find};
use super::{DAYS_MAX, Hold, Holds, MINUTES_DEFAULT};
use crate::accounts::{Lots, ask_states};
use crate::context::Program;
use crate::db::{TryError, row};
use crate::facts::HoldOutcome;
use crate::idempotency::{IdempotencyKey, ask_keys};
use crate::members::{MemberRef, Named, ask_named, not_found};
use crate::memberships::{Spenders, ask_spenders};
use crate::operation::{Cause, Holding, Operation, Spending, cause, decide};
use crate::text::{self, invalid};
use crate::{Actor, Code, Error, HoldId, MemberId, Points, Result, Scope, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// A request to reserve points.
#[derive(Clone, Debug)]
pub struct HoldPoints {
    pub member: MemberRef,
    /// Of a group: which of its people holds them. None where the group itself or its operator does.
    pub by: Option<MemberRef>,
    /// Above zero.
    pub points: Points,
    /// The id of their type; the program's main points when absent.
    pub point_type: Option<String>,
    /// Why, for people: the member sees it.
    pub reason: String,
    /// When they are free again; in a quarter of an hour when absent.
    pub expires_at: Option<Timestamp>,
    /// Chosen by the caller, unique among the member's holds; a repeat returns the first.
    pub idempotency_key: String,
}

/// A request to spend what is held.
#[derive(Clone, Debug)]
pub struct CaptureHold {
    pub hold: HoldId,
    /// All when absent.
    pub points: Option<Points>,
}

#[derive(Serialize)]
struct Arguments<'a> {
    points: Points,
    #[serde(skip_serializing_if = "Option::is_none")]
    point_type: Option<&'a str>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

row! {
    struct HoldKey {
        id: HoldId,
    }
}

const KNOWN: &str = "
    SELECT h.id, h.arguments_hash, h.by_id
    FROM request AS k EACH holds AS h
    WHERE h.program_id = $1 AND h.account_id = k.member_id AND h.idempotency_key = k.key";
const NAMED: &str = "
    SELECT h.id, h.account_id, h.point_type, h.points, h.captured, h.reason, h.held_at, h.expires_at, h.outcome,
        h.ended_at, h.spend_id, h.by_id
    FROM {rows} AS k EACH holds AS h
    WHERE h.program_id = $1 AND h.id = k.id";

row! {
    /// Why what was captured was spent.
    struct SpentRow {
        explanation: Option<Value>,
    }
}

const SPENT: &str = "
    SELECT t.explanation
    FROM named_hold AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.id = k.spend_id";

/// What becomes of an open hold.
#[derive(Clone, Copy)]
enum End {
    /// So many points are spent; all if none are named.
    Capture(Option<Points>),
    Release,
}

impl Holds<'_> {
    /// Reserves points. Fails with `INSUFFICIENT_POINTS`, `MEMBER_NOT_FOUND`, `MAY_NOT_SPEND`,
    /// `IDEMPOTENCY_KEY_REUSED` or `INVALID_INPUT`; nothing changes then.
    pub async fn hold(self, actor: &Actor, request: &HoldPoints) -> Result<Hold> {
        actor.require(Scope::PointsSpend)?;
        let key = request.check()?;
        let id = decide(self.context, actor.program(), "holding points", |program| {
            self.try_hold(program, actor, request, &key)
        })
        .await?;
        self.known(actor, id).await
    }

    /// Spends what is held, all or part; the rest is free again. A repeat answers the same. Fails
    /// with `HOLD_NOT_FOUND`, `HOLD_ENDED` or `INVALID_INPUT`; nothing changes then.
    pub async fn capture(self, actor: &Actor, request: &CaptureHold) -> Result<Hold> {
        if request.points.is_some_and(|points| !points.is_positive()) {
            return Err(invalid("points", "use a number above zero, or leave it out for all"));
        }
        self.end(actor, request.hold, End::Capture(request.points)).await
    }

    /// Gives a hold up; all of it is free again. A repeat answers the same. Fails with
    /// `HOLD_NOT_FOUND` or `HOLD_ENDED`; nothing changes then.
    pub async fn release(self, actor: &Actor, hold: HoldId) -> Result<Hold> {
        self.end(actor, hold, End::Release).await
    }

    async fn end(self, actor: &Actor, hold: HoldId, end: End) -> Result<Hold> {
        actor.require(Scope::PointsSpend)?;
        decide(self.context, actor.program(), "ending a hold", |program| {
            self.try_end(program, actor, hold, end)
        })
        .await?;
        self.known(actor, hold).await
    }

    async fn known(self, actor: &Actor, id: HoldId) -> Result<Hold> {
        let found = find(self.context, actor.program(), id).await?;
        found.ok_or_else(|| Error::internal(format!("{id} is gone")))
    }

    async fn try_hold(
        self,
        program: Program,
        actor: &Actor,
        request: &HoldPoints,
        key: &IdempotencyKey,
    ) -> Result<HoldId, TryError> {
        let mut look = self.context.look(program.id);
        let named = ask_named(&mut look, request.named());
        look.table("who", "SELECT id FROM named");
        let states = ask_states(&mut look, Lots::All);
        ask_keys(&mut look, [(&request.member, key)]);
        let known = look.ask::<Known>(KNOWN);
        let spenders = request.by.is_some().then(|| ask_spenders(&mut look));
        let (found, program) = self.context.ask(&program, look).await?;
        let named = named.read(&found)?;
        let spenders = spenders.map(|spenders| spenders.read(&found)).transpose()?;
        let member = named.id(&request.member)?;
        if let Some(known) = found.rows(known)?.pop() {
            key.check(&known.arguments_hash)?;
            key.check_by(named.is_same(request.by.as_ref(), known.by_id))?;
            return Ok(known.id);
        }
        let by = request.spender(&named, &spenders.unwrap_or_default(), member)?;
        let point_type = program.definition.spendable(request.point_type.as_deref())?;
        let holding = Holding {
            points: request.points,
            point_type: &point_type,
            expires_at: request.end(program.now)?,
            reason: &request.reason,
            by,
            idempotency_key: &key.key,
            arguments_hash: key.arguments_hash.clone(),
        };
        let mut operation = Operation::begin(self.context, program, states.read(&found)?)?;
        operation.act_as(actor.subject());
        let id = operation.hold(member, &holding)?;
        operation.commit().await?;
        Ok(id)
    }

    async fn try_end(
        self,
        program: Program,
        actor: &Actor,
        hold: HoldId,
        end: End,
    ) -> Result<(), TryError> {
        let mut look = self.context.look(program.id);
        look.table_over("named_hold", NAMED, &[HoldKey { id: hold }]);
        look.table("who", "SELECT account_id AS id FROM named_hold");
        let states = ask_states(&mut look, Lots::All);
        let named = look.ask::<HoldRow>("SELECT * FROM named_hold");
        let spent = look.ask::<SpentRow>(SPENT);
        let (found, program) = self.context.ask(&program, look).await?;
        let row = found.rows(named)?.pop().ok_or_else(|| {
            Error::new(Code::HoldNotFound, "there is no such hold in this program").at("holdId")
        })?;
        let known = row.hold(program.now)?;
        if let Some(ended) = known.state.outcome() {
            let spent = found.rows(spent)?.pop().and_then(|row| row.explanation);
            if matches!(spent.and_then(Cause::read), Some(Cause::Payment(_))) {
                let why = "a purchase was paid with what the hold reserved";
                return Err(Error::new(Code::HoldEnded, why).at("holdId").into());
            }
            return Ok(end.repeats(&known, ended)?);
        }
        let mut operation = Operation::begin(self.context, program, states.read(&found)?)?;
        operation.act_as(actor.subject());
        end.apply(&mut operation, &known)?;
        operation.commit().await?;
        Ok(())
    }
}

impl End {
    fn apply(self, operation: &mut Operation<'_>, hold: &Hold) -> Result<()> {
        let now = operation.program().now;
        let Self::Capture(points) = self else {
            return operation.release(hold.member, hold.id, HoldOutcome::Released, now);
        };
        let points = points.unwrap_or(hold.points);
        if points > hold.points {
            let why = format!("{points} points cannot be captured, {} are held", hold.points);
            return Err(invalid("points", why));
        }
        let revision = operation.program().revision;
        let spending = Spending {
            points,
            point_type: hold.point_type.clone(),
            at: now,
            cause: cause::Capture { hold: hold.id, reason: hold.reason.clone(), revision }.into(),
            reason: hold.reason.clone(),
            reward: None,
        };
        operation.capture(hold.member, hold.id, spending).map(drop)
    }

    /// Whether this is what has ended the hold already. Fails with `HOLD_ENDED` if it is not.
    fn repeats(self, hold: &Hold, ended: HoldOutcome) -> Result<()> {
        let is_same = match self {
            Self::Capture(points) => {
                ended == HoldOutcome::Captured && points.unwrap_or(hold.points) == hold.captured
            }
            Self::Release => ended == HoldOutcome::Released,
        };
        if is_same {
            return Ok(());
        }
        let why = match ended {
            HoldOutcome::Captured => format!("{} points of the hold were captured", hold.captured),
            HoldOutcome::Released => "the hold was released".to_owned(),
            HoldOutcome::Expired => "the time of the hold is over".to_owned(),
        };
        Err(Error::new(Code::HoldEnded, why).at("holdId"))
    }
}

impl HoldPoints {
    /// Whom it names.
    fn named(&self) -> impl Iterator<Item = &MemberRef> {
        [Some(&self.member), self.by.as_ref()].into_iter().flatten()
    }

    /// Who holds what a group has, if it may spend it.
    fn spender(
        &self,
        named: &Named,
        spenders: &Spenders,
        group: MemberId,
    ) -> Result<Option<MemberId>> {
        let Some(by) = &self.by else { return Ok(None) };
        let person = named.get(by).ok_or_else(|| not_found().at("by"))?.id;
        spenders.check(group, person).map_err(|error| error.at("by"))?;
        Ok(Some(person))
    }

    fn check(&self) -> Result<IdempotencyKey> {
        self.member.check()?;
        self.by.as_ref().map_or(Ok(()), |by| by.check_at("by"))?;
        text::name("reason", &self.reason)?;
        if !self.points.is_positive() {
            return Err(invalid("points", "use a number above zero"));
        }
        IdempotencyKey::new(
            &self.idempotency_key,
            &Arguments {
                points: self.points,
                point_type: self.point_type.as_deref(),
                reason: &self.reason,
                expires_at: self.expires_at,
            },
        )
    }

    /// When the hold ends, by the program's clock, which a repeat is not asked about.
    fn end(&self, now: Timestamp) -> Result<Timestamp> {
        let Some(at) = self.expires_at else {
            return Ok(now.plus(Duration::from_mins(MINUTES_DEFAULT)));
        };
        let latest = now.plus(Duration::from_hours(24 * DAYS_MAX));
        if at <= now || at > latest {
            let why = format!("use an instant after {now}, the program's now, and up to {latest}");
            return Err(invalid("expiresAt", why));
        }
        Ok(at)
    }
}
