//! The operation: the one way to change a member.
//!
//! 1. Look. What a change needs is read without a lock, with the version of every account:
//!    `look_at`, or a look of the domain's own.
//! 2. Decide. `begin` expires what is due; then the domain earns, spends, records facts and adds
//!    rows – in memory, under no lock, with as many plugins asked as it likes.
//! 3. Commit. Everything is written at once under the versions that were read. If one moved,
//!    nothing is written, and `decide` starts again from the look.
//!
//! So a change costs two round trips however many members it is about, a step cannot be forgotten,
//! and no lock is held while anything is decided.

mod activity;
mod adjusting;
pub mod cause;
mod combine;
mod earning;
mod erasing;
mod expiring;
mod extending;
mod holding;
mod kind;
mod merging;
mod opening;
mod pending;
mod posting;
mod refunding;
mod restoring;
mod retry;
mod spending;
mod taking_back;
mod together;
mod transferring;
mod turns;
mod voiding;

pub(crate) use adjusting::Adjusting;
pub(crate) use cause::Cause;
pub(crate) use combine::{BATCH_MAX, Combiner};
pub(crate) use earning::Earning;
pub(crate) use extending::{Ending, Extending};
pub(crate) use holding::Holding;
pub use kind::Kind;
pub(crate) use merging::Merging;
pub(crate) use opening::Opening;
use pending::{EndedRow, PendingRow};
pub(crate) use posting::Because;
pub(crate) use refunding::{Refunded, Refunding};
pub(crate) use retry::decide;
pub(crate) use spending::{Spending, Spent};
pub(crate) use taking_back::{Taken, TakingBack};
pub(crate) use together::{Combined, ComesBy, GroupOf, Parts, decide_many};
pub(crate) use transferring::Transferring;
pub(crate) use turns::Turns;

use crate::accounts::{
    self, Lots, MemberState, PointType, StateQuestions, States, Terms, ask_states,
};
use crate::context::{Context, Program};
use crate::db::{Look, Row, TableRow, TryError, Writes, row};
use crate::events::{Chain, NewEvent, Reach};
use crate::facts::{Fact, TierChanged};
use crate::journal::{self, Item};
use crate::tiers;
use crate::{AccountId, Code, Error, MemberId, Points, Result, Subject, Timestamp, TransactionId};
use std::collections::HashMap;

/// A change of members that is being decided.
pub(crate) struct Operation<'a> {
    context: &'a Context,
    program: Program,
    recorded_at: Timestamp,
    actor: Subject,
    /// From which event all follows, if a plugin causes it.
    chain: Option<Chain>,
    /// As they were read.
    before: States,
    states: States,
    events: Vec<NewEvent>,
    /// What has become pending, and what has ceased to be.
    promised: Vec<PendingRow>,
    ended: Vec<EndedRow>,
    /// By which transactions points ceased to be pending, by those that earned them.
    activated: HashMap<TransactionId, TransactionId>,
    /// What is recorded, in the order in which it was decided.
    recorded: Vec<Item>,
    writes: Writes,
}

row! {
    /// The key of an account in `who`.
    pub(crate) struct AccountKey {
        pub(crate) id: AccountId,
    }
}

/// Names the accounts whose states a look asks for.
const WHO: &str = "SELECT DISTINCT r.id FROM {rows} AS r";

/// A look at members' states, to which more questions can be added.
pub(crate) fn look_at(
    context: &Context,
    program: &Program,
    members: impl IntoIterator<Item = MemberId>,
    lots: Lots,
) -> (Look, StateQuestions) {
    let mut look = context.look(program.id);
    let keys: Vec<_> = members.into_iter().map(|member| AccountKey { id: member.into() }).collect();
    look.table_over("who", WHO, &keys);
    let states = ask_states(&mut look, lots);
    (look, states)
}

impl<'a> Operation<'a> {
    /// Begins with states that a look has just answered: expires what is due, and settles the tiers
    /// of members whom a revised ladder puts elsewhere.
    pub(crate) fn begin(context: &'a Context, program: Program, states: States) -> Result<Self> {
        let mut operation = Self {
            context,
            recorded_at: context.now(),
            actor: Subject::System,
            chain: None,
            before: states.clone(),
            states,
            events: Vec::new(),
            promised: Vec::new(),
            ended: Vec::new(),
            activated: HashMap::new(),
            recorded: Vec::new(),
            writes: Writes::to(program.id),
            program,
        };
        operation.expire()?;
        operation.settle_all()?;
        Ok(operation)
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    pub(crate) fn recorded_at(&self) -> Timestamp {
        self.recorded_at
    }

    /// When it is decided, by the program's clock: after whatever the look has seen, which may have
    /// waited since the program's now.
    pub(crate) fn decided_at(&self) -> Timestamp {
        let Program { definition, now, .. } = &self.program;
        if definition.is_sandbox { *now } else { self.recorded_at.max(*now) }
    }

    /// Who causes what follows.
    pub(crate) fn act_as(&mut self, actor: &Subject) {
        self.actor = actor.clone();
    }

    /// From which event follows what comes, if a plugin causes it.
    pub(crate) fn follow(&mut self, chain: Option<Chain>) {
        self.chain = chain;
    }

    /// The member as this operation has left it so far. Fails with `MEMBER_NOT_FOUND`, and with
    /// `MEMBER_ERASED` for one who is nobody any more.
    pub(crate) fn state(&self, member: MemberId) -> Result<&MemberState> {
        let state = self.states.get(&member).ok_or_else(not_found)?;
        if state.is_erased() { Err(erased()) } else { Ok(state) }
    }

    /// Whether a member is nobody any more: nothing can be done for it.
    pub(crate) fn is_erased(&self, member: MemberId) -> bool {
        self.states.get(&member).is_some_and(MemberState::is_erased)
    }

    /// What a member can spend of the program's points.
    pub(crate) fn balance(&self, member: MemberId) -> Result<Points> {
        let (state, point_type) = (self.state(member)?, self.point_type());
        state.balance(&point_type).minus(state.ended(&point_type)?)
    }

    pub(crate) fn point_type(&self) -> PointType {
        self.program.definition.points().point_type.clone()
    }

    /// On which terms a member gets the program's points that no purchase earns. Nobody reports what
    /// happens to these, so they wait for no event.
    pub(crate) fn usual_terms(&self, member: MemberId) -> Result<Terms> {
        let tier = self.state(member)?.standing.tier.as_deref();
        let terms = self.program.definition.terms(&self.point_type(), tier);
        Ok(Terms { pending: terms.pending.without_event(), ..terms })
    }

    /// Changes a member's state otherwise than by points, such as its statistics. Fails as
    /// [`Operation::state`].
    pub(crate) fn change(&mut self, member: MemberId) -> Result<&mut MemberState> {
        let state = self.states.get_mut(&member).ok_or_else(not_found)?;
        if state.is_erased() { Err(erased()) } else { Ok(state) }
    }

    /// Adds a member that this operation creates.
    pub(crate) fn enrol(&mut self, state: MemberState) {
        self.before.insert(state.member(), state.clone());
        self.states.insert(state.member(), state);
    }

    /// Records a fact of a member, for the plugins that subscribed.
    pub(crate) fn record(
        &mut self,
        member: MemberId,
        at: Timestamp,
        fact: impl Into<Fact>,
    ) -> Result<()> {
        self.record_for(Reach::All, member, at, fact)
    }

    /// Records a fact for some of the plugins.
    pub(crate) fn record_for(
        &mut self,
        reach: Reach,
        member: MemberId,
        at: Timestamp,
        fact: impl Into<Fact>,
    ) -> Result<()> {
        let chain = self.chain;
        let state = self.change(member)?;
        let reach = if state.is_gift_card() { Reach::Nobody } else { reach };
        let event = NewEvent::of(state, at, fact.into(), (reach, chain));
        self.journal(event.item());
        self.events.push(event);
        Ok(())
    }

    /// Moves a member to the tier that its statistics have reached, and records it. Who cares
    /// when the tier is reached, or what follows from it, settles it; the commit settles the rest.
    pub(crate) fn settle_tier(&mut self, member: MemberId, at: Timestamp) -> Result<()> {
        let definition = std::sync::Arc::clone(&self.program.definition);
        let state = self.change(member)?;
        if !state.has_tier() {
            return Ok(());
        }
        if let Some(change) = tiers::settle(definition.ladder(), &mut state.standing, at) {
            self.record(member, at, TierChanged { from: change.from, to: change.to })?;
        }
        Ok(())
    }

    /// Whether something has happened to a member in this operation.
    pub(crate) fn has_recorded_of(&self, of: MemberId) -> bool {
        let is_its = |item: &Item| matches!(item, Item::Event { member, .. } if *member == of);
        self.recorded.iter().any(is_its)
    }

    /// Lists something recorded in the program's journal.
    pub(crate) fn journal(&mut self, item: Item) {
        self.recorded.push(item);
    }

    /// Inserts a row of the domain's own.
    pub(crate) fn insert<R: TableRow>(&mut self, row: &R) {
        self.writes.insert(row);
    }

    /// Runs a statement of the domain's own over rows; see [`Writes::run`].
    pub(crate) fn run<R: Row>(&mut self, sql: &'static str, row: &R) {
        self.writes.run(sql, row);
    }

    /// Does all of `part`, which changes these members, or, if it fails, none of it.
    pub(crate) fn whole<T>(
        &mut self,
        members: &[MemberId],
        part: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let kept = |member| self.states.get_key_value(member).map(|(id, its)| (*id, its.clone()));
        let states: Vec<_> = members.iter().filter_map(kept).collect();
        let (events, recorded) = (self.events.len(), self.recorded.len());
        let pending = (self.promised.len(), self.ended.len());
        let mark = self.writes.mark();
        let done = part(self);
        if done.is_err() {
            self.states.extend(states);
            self.events.truncate(events);
            self.recorded.truncate(recorded);
            self.promised.truncate(pending.0);
            self.ended.truncate(pending.1);
            self.writes.reset(&mark);
        }
        done
    }

    /// Settles every tier at the program's now.
    fn settle_all(&mut self) -> Result<()> {
        let ladder = self.program.definition.ladder();
        let is_elsewhere = |(_, state): &(&MemberId, &MemberState)| {
            state.has_tier()
                && ladder.reached(&state.standing).map(|tier| &tier.id)
                    != state.standing.tier.as_ref()
        };
        let moved: Vec<_> =
            self.states.iter().filter(is_elsewhere).map(|(member, _)| *member).collect();
        let now = self.program.now;
        moved.into_iter().try_for_each(|member| self.settle_tier(member, now))
    }

    /// Writes everything, or nothing: outrun when an account has moved or a key was taken since the
    /// look.
    pub(crate) async fn commit(mut self) -> Result<(), TryError> {
        self.settle_all()?;
        let changed =
            self.before.iter().filter_map(|(id, before)| Some((before, self.states.get(id)?)));
        accounts::write(&mut self.writes, changed);
        self.write_pending();
        for event in &self.events {
            let state = self.states.get(&event.member()).ok_or_else(not_found)?;
            event.write(&mut self.writes, &self.program, &state.parked, self.recorded_at);
        }
        journal::write(&mut self.writes, &self.recorded);
        self.context.db.commit(self.writes).await?;
        self.context.wake();
        Ok(())
    }
}

pub(crate) fn not_found() -> Error {
    Error::new(Code::MemberNotFound, "there is no such member in this program")
}

pub(crate) fn erased() -> Error {
    let why = "the member was erased: nothing can be done for it any more";
    Error::new(Code::MemberErased, why)
}

impl std::fmt::Debug for Operation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation").field("program", &self.program.id).finish_non_exhaustive()
    }
}
