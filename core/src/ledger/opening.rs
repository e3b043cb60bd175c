//! Taking over what members had in another system: each portion is a transaction and a lot, with the
//! dates that it had there. Many at once, for a program that moves moves whole.

use super::Ledger;
use crate::accounts::{Lots, States, ask_late, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::hash::ArgumentsHash;
use crate::members::{MemberRef, Named, ask_named};
use crate::operation::{self, BATCH_MAX, Combined, ComesBy, Operation, Parts, decide, decide_many};
use crate::text::{self, invalid};
use crate::{
    Actor, Code, Error, MemberId, Points, ProgramId, Result, Scope, Timestamp, TransactionId,
};
use serde::Serialize;
use std::collections::HashMap;

/// As many as one call takes over.
pub const OPENINGS_MAX: usize = BATCH_MAX;

/// Points that a member had in another system.
#[derive(Clone, Debug)]
pub struct NewOpening {
    pub member: MemberRef,
    /// What the other system calls them, permanently unique in the program; a repeat with the same
    /// data changes nothing.
    pub reference: String,
    pub points: Points,
    /// The id of their type; the program's main points when absent.
    pub point_type: Option<String>,
    /// Since when the member has them.
    pub earned_at: Timestamp,
    /// When they expire; as the program's policy says of points of then when absent.
    pub expires_at: Option<Timestamp>,
    /// Whether they count as earned, as for the tiers.
    pub counts_as_earned: bool,
    /// Why, for people: the member sees it.
    pub reason: String,
}

/// Points that were taken over, now or by an earlier request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    pub member: MemberId,
    pub transaction: TransactionId,
    pub is_new: bool,
}

#[derive(Serialize)]
struct Arguments<'a> {
    points: Points,
    #[serde(skip_serializing_if = "Option::is_none")]
    point_type: Option<&'a str>,
    earned_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    counts_as_earned: bool,
    reason: &'a str,
}

row! {
    struct ReferenceKey {
        reference: String,
    }
}

row! {
    struct OpeningRow in "openings" {
        transaction_id: TransactionId,
        member_id: MemberId,
        reference: String,
        arguments_hash: ArgumentsHash,
    }
}

const KNOWN: &str = "
    SELECT o.transaction_id, COALESCE(m.merged_into, o.member_id) AS member_id, o.reference,
        o.arguments_hash
    FROM {rows} AS k EACH openings AS o
    JOIN members AS m ON m.program_id = $1 AND m.id = o.member_id
    WHERE o.program_id = $1 AND o.reference = k.reference";

impl Ledger<'_> {
    /// Takes points over from another system, in order; each has its own result. One fails with
    /// `MEMBER_NOT_FOUND`, `POINT_TYPE_NOT_FOUND`, `FUTURE_INSTANT`, `REFERENCE_REUSED`, `OVERFLOW`
    /// or `INVALID_INPUT`, and changes nothing then.
    pub async fn open_many(
        self,
        actor: &Actor,
        openings: &[NewOpening],
    ) -> Result<Vec<Result<Opened>>> {
        actor.require(Scope::PointsAdjust)?;
        if openings.len() > OPENINGS_MAX {
            let why = format!("at most {OPENINGS_MAX} opening balances in one request");
            return Err(Error::new(Code::TooMany, why).at("openings"));
        }
        let requests: Vec<_> =
            openings.iter().map(|opening| (actor.clone(), opening.clone())).collect();
        decide_many(self.context, actor.program(), &requests).await
    }
}

impl Combined for NewOpening {
    type Answer = Opened;

    const NAME: &'static str = "opening balances";

    fn comes_by(&self) -> ComesBy<'_> {
        self.member.comes_by()
    }

    fn member(opened: &Opened) -> MemberId {
        opened.member
    }

    async fn decide(
        context: &Context,
        program: ProgramId,
        requests: &[(Actor, Self)],
    ) -> Result<Vec<Result<Opened>>> {
        let mut parts = Parts::of(requests);
        let attempt = |program| attempt(context, program, parts.take());
        decide(context, program, "taking balances over", attempt).await
    }
}

async fn attempt(
    context: &Context,
    program: Program,
    requests: &[(Actor, NewOpening)],
) -> Result<Vec<Result<Opened>>, TryError> {
    let checked: Vec<_> = requests.iter().map(|(_, opening)| opening.check()).collect();
    let sound = requests.iter().zip(&checked).filter(|(_, checked)| checked.is_ok());
    let sound: Vec<_> = sound.map(|((_, opening), _)| opening).collect();
    let (mut found, states, program) = Found::look(context, &program, &sound).await?;
    let mut operation = Operation::begin(context, program, states)?;
    let opened = requests.iter().zip(checked).map(|((actor, opening), checked)| {
        let hash = checked?;
        operation.act_as(actor.subject());
        found.open(&mut operation, opening, hash)
    });
    let opened: Vec<_> = opened.collect();
    if opened.iter().flatten().any(|opened| opened.is_new) {
        operation.commit().await?;
    }
    Ok(opened)
}

/// The members of a batch, and what was taken over before and so far.
struct Found {
    named: Named,
    known: HashMap<String, OpeningRow>,
}

impl Found {
    async fn look(
        context: &Context,
        program: &Program,
        openings: &[&NewOpening],
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let named = ask_named(&mut look, openings.iter().map(|one| &one.member));
        look.table("who", "SELECT id FROM named");
        let states = ask_states(&mut look, Lots::IfDue);
        let reference = |one: &&NewOpening| ReferenceKey { reference: one.reference.clone() };
        let references: Vec<_> = openings.iter().map(reference).collect();
        let known = look.ask_over::<_, OpeningRow>(KNOWN, &references);
        let earned = openings.iter().map(|one| one.earned_at);
        let since = program.definition.late_since(earned);
        let late = since.map(|since| ask_late(&mut look, since, true));
        let (answers, program) = context.ask(program, look).await?;
        let mut states = states.read(&answers)?;
        late.map_or(Ok(()), |late| late.read(&answers, &mut states))?;
        let known = answers.rows(known)?.into_iter();
        let found = Self {
            named: named.read(&answers)?,
            known: known.map(|row| (row.reference.clone(), row)).collect(),
        };
        Ok((found, states, program))
    }

    fn open(
        &mut self,
        operation: &mut Operation<'_>,
        opening: &NewOpening,
        arguments_hash: ArgumentsHash,
    ) -> Result<Opened> {
        let member_id = self.named.id(&opening.member)?;
        if let Some(known) = self.known.get(&opening.reference) {
            if known.member_id == member_id && arguments_hash.repeats(&known.arguments_hash) {
                let transaction = known.transaction_id;
                return Ok(Opened { member: member_id, transaction, is_new: false });
            }
            let why = format!("`{}` was taken over with other data", opening.reference);
            return Err(Error::new(Code::ReferenceReused, why).at("reference"));
        }
        let reference = opening.reference.clone();
        let row = operation.whole(&[member_id], |operation| {
            let transaction_id = opening.apply(operation, member_id)?;
            let row = OpeningRow { transaction_id, member_id, reference, arguments_hash };
            operation.insert(&row);
            Ok(row)
        })?;
        let transaction = row.transaction_id;
        self.known.insert(opening.reference.clone(), row);
        Ok(Opened { member: member_id, transaction, is_new: true })
    }
}

impl NewOpening {
    /// Checks the request by itself; returns what tells a repeat from another one.
    fn check(&self) -> Result<ArgumentsHash> {
        self.member.check()?;
        text::identifier("reference", &self.reference)?;
        text::name("reason", &self.reason)?;
        if !self.points.is_positive() {
            let why = "is no number of points above zero: take what a member owes by an adjustment";
            return Err(invalid("points", why));
        }
        if self.expires_at.is_some_and(|at| at <= self.earned_at) {
            let why = format!("is not later than they were earned, {}", self.earned_at);
            return Err(invalid("expiresAt", why));
        }
        Ok(ArgumentsHash::of(&Arguments {
            points: self.points,
            point_type: self.point_type.as_deref(),
            earned_at: self.earned_at,
            expires_at: self.expires_at,
            counts_as_earned: self.counts_as_earned,
            reason: &self.reason,
        }))
    }

    fn apply(&self, operation: &mut Operation<'_>, member: MemberId) -> Result<TransactionId> {
        let program = operation.program();
        let earned_at = program.dated("earnedAt", Some(self.earned_at), "point")?;
        let named = program.definition.point_type(self.point_type.as_deref())?;
        let point_type = named.point_type.clone();
        let opened = operation.open(
            member,
            &operation::Opening {
                points: self.points,
                point_type: &point_type,
                earned_at,
                expires_at: self.expires_at,
                counts_as_earned: self.counts_as_earned,
                reference: &self.reference,
                reason: &self.reason,
            },
        );
        opened.map_err(|error| match error.code() {
            Code::Overflow => error.at("points"),
            _ => error,
        })
    }
}
