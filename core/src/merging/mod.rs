//! Merging: two members who turn out to be one. `docs/decisions/0027-merging-moves-what-can-move.md`
//! says what moves, what stays, and why.

mod claim;
mod kin;
mod look;
mod rows;
mod unmerge;

pub use claim::ClaimGiftCard;
pub use unmerge::UnmergeMember;

use crate::accounts::{Belongings, Lots, ask_states};
use crate::cards;
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::idempotency::IdempotencyKey;
use crate::members::{Member, MemberKind, MemberRef, Members, Tags, ask_tags};
use crate::memberships;
use crate::operation::{self, Operation, decide};
use crate::text::{self, invalid};
use crate::tokens::{self, Holder};
use crate::{Actor, Code, Error, MemberId, Result, Scope};
use look::{Questions, Side, Sides};
use rows::{MERGED, MOVE_RECORDS, MOVE_STATES, MOVE_TIMERS, MergeRow, MovedRow, REMOVE_TIMERS};
use serde::Serialize;
use serde_json::{Map, Value};

/// A request to make one member another.
#[derive(Clone, Debug)]
pub struct MergeMembers {
    /// Who is not to be a member of its own any longer.
    pub from: MemberRef,
    /// Who stays; if that one was merged itself, its survivor.
    pub into: MemberRef,
    /// Why, for people.
    pub reason: String,
    /// Chosen by the caller, unique among the merges of the one; a repeat returns the first.
    pub idempotency_key: String,
}

#[derive(Serialize)]
struct Arguments<'a> {
    into: &'a MemberRef,
    reason: &'a str,
}

/// The service. Get it from [`crate::Loyalty::merging`].
#[derive(Clone, Copy, Debug)]
pub struct Merging<'a> {
    pub(crate) context: &'a Context,
}

impl Merging<'_> {
    /// Makes one member another; returns the survivor. Fails with `MEMBER_NOT_FOUND`,
    /// `MEMBER_MERGED`, `CANNOT_BE_MERGED`, `IDEMPOTENCY_KEY_REUSED`, `OVERFLOW` or
    /// `INVALID_INPUT`, and with `UNAVAILABLE` while plugins have yet to receive what happened to
    /// the first; nothing changes then.
    pub async fn merge(self, actor: &Actor, request: &MergeMembers) -> Result<Member> {
        actor.require(Scope::MembersWrite)?;
        actor.require(Scope::PointsAdjust)?;
        let key = request.check()?;
        let survivor = decide(self.context, actor.program(), "merging members", |program| {
            self.try_merge(program, actor, request, &key)
        })
        .await?;
        Members { context: self.context }.get(actor, survivor).await
    }

    async fn try_merge(
        self,
        program: Program,
        actor: &Actor,
        request: &MergeMembers,
        key: &IdempotencyKey,
    ) -> Result<MemberId, TryError> {
        let mut look = self.context.look(program.id);
        let questions = Questions::ask(&mut look, request, key);
        let states = ask_states(&mut look, Lots::All);
        let tags = ask_tags(&mut look);
        let (answers, program) = self.context.ask(&program, look).await?;
        let sides = questions.read(&answers)?;
        let from = sides.leaving()?;
        if let Some(known) = &sides.known {
            key.check(&known.arguments_hash)?;
            return Ok(known.into_id);
        }
        let into = sides.staying()?;
        sides.check(from, into)?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        if operation.has_recorded_of(from.id) {
            // What has happened to it by itself is its own, and its plugins receive it first.
            operation.commit().await?;
            return Err(TryError::Outrun("something of the member was due".to_owned()));
        }
        if sides.is_waiting {
            return Err(waiting().into());
        }
        if let Some(plugin) = &sides.parked_by {
            return Err(stands_still(plugin).into());
        }
        operation.act_as(actor.subject());
        write(&mut operation, from, into, request, key)?;
        Tags::of(tags, &answers)?.hand_over(&mut operation, from.id, into.survivor())?;
        operation.commit().await?;
        Ok(into.survivor())
    }
}

fn write(
    operation: &mut Operation<'_>,
    from: &Side,
    into: &Side,
    request: &MergeMembers,
    key: &IdempotencyKey,
) -> Result<()> {
    let (from_id, into_id) = (from.id, into.survivor());
    let belongings = operation.merge(&operation::Merging {
        from: from_id,
        into: into_id,
        reason: &request.reason,
    })?;
    let moved = MovedRow { from_id, into_id };
    operation.run(MERGED, &moved);
    operation.run(MOVE_RECORDS, &moved);
    operation.run(MOVE_STATES, &moved);
    operation.run(MOVE_TIMERS, &moved);
    operation.run(REMOVE_TIMERS, &moved);
    memberships::hand_over(operation, from_id, into_id);
    cards::hand_over(operation, from_id, into_id);
    tokens::cut_off(operation, &Holder::Member(from.external_id.clone()));
    operation.insert(&MergeRow {
        from_id,
        into_id,
        reason: request.reason.clone(),
        owed: owed(&belongings),
        merged_at: operation.program().now,
        idempotency_key: key.key.clone(),
        arguments_hash: key.arguments_hash.clone(),
    });
    Ok(())
}

/// What was owed by type, as JSON.
fn owed(belongings: &Belongings) -> Value {
    let owed = belongings.wallets.iter().filter(|(_, wallet)| wallet.owed.is_positive());
    let owed = owed.map(|(of, wallet)| (of.stored().to_owned(), wallet.owed.get().into()));
    Value::Object(owed.collect::<Map<_, _>>())
}

impl MergeMembers {
    fn check(&self) -> Result<IdempotencyKey> {
        self.from.check_at("from")?;
        self.into.check_at("into")?;
        text::name("reason", &self.reason)?;
        let arguments = Arguments { into: &self.into, reason: &self.reason };
        IdempotencyKey::new(&self.idempotency_key, &arguments)
    }
}

impl Sides {
    /// Whether the one can become the other.
    fn check(&self, from: &Side, into: &Side) -> Result<()> {
        if from.id == into.survivor() || from.merged_into == Some(into.survivor()) {
            return Err(invalid("into", "is the same member already"));
        }
        if let Some(survivor) = from.merged_into {
            let why = format!("was merged into {survivor} already");
            return Err(Error::new(Code::MemberMerged, why).at("from"));
        }
        if [from.kind, into.kind].contains(&MemberKind::GiftCard) {
            let why = "a gift card is not merged: a member claims it with `claimGiftCard`";
            return Err(Error::new(Code::CannotBeMerged, why).at("from"));
        }
        if from.kind != into.kind {
            let why = "a person, an organization and a household are not one member";
            return Err(Error::new(Code::CannotBeMerged, why).at("into"));
        }
        if let Some(key) = &self.clash {
            let why = format!("both have held points under the idempotency key `{key}`");
            return Err(Error::new(Code::CannotBeMerged, why).at("from"));
        }
        Ok(())
    }
}

fn waiting() -> Error {
    let why = "plugins have yet to receive what happened to the member: send it again in a \
               second, resume plugins that are quarantined or paused, and purge plugins that the \
               program file names no longer";
    Error::new(Code::Unavailable, why).at("from")
}

fn stands_still(plugin: &str) -> Error {
    let why = format!(
        "the plugin `{plugin}` stands still over an event of the member: try the event again or \
         skip it first"
    );
    Error::new(Code::CannotBeMerged, why).at("from")
}
