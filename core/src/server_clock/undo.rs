//! Undoing what a clock that was wrong has done: points that expired before their time come back,
//! messages about what has not happened are withdrawn, and timers that fired early are set again.
//!
//! What is early follows from the program's now and from nothing else, so it may be undone as often
//! as somebody likes: what was undone is not early any more. Accounts are gone through in the order
//! of their ids, and what concerns one of them is one commit.

use super::ServerClock;
use crate::accounts::{Lots, ask_early, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, Writes, row};
use crate::messages;
use crate::operation::cause::RestorationReason;
use crate::operation::{Operation, decide};
use crate::plugins;
use crate::timers;
use crate::{AccountId, Actor, Code, Error, Points, ProgramId, Result, Scope, Timestamp};
use std::collections::BTreeSet;

/// What is to be undone. What is early is never right, so the span only narrows it down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Undo {
    /// Only what was recorded then or later.
    pub since: Option<Timestamp>,
    /// Only what was recorded then or earlier.
    pub until: Option<Timestamp>,
    /// Whether it is only counted.
    pub is_dry_run: bool,
}

/// What was undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    pub members: usize,
    pub points: Points,
    pub messages: usize,
    pub timers: usize,
}

row! {
    /// Where a part begins, and which records count.
    struct Span {
        after_id: AccountId,
        most: usize,
        since_at: Option<Timestamp>,
        until_at: Option<Timestamp>,
    }
}

/// As many accounts as one commit is about at most. Where others are at the same accounts all the
/// time, it is fewer.
const ACCOUNTS_MAX: usize = 200;
const WHO: &str = "
    SELECT id
    FROM accounts
    WHERE program_id = $1 AND id > (SELECT after_id FROM span) AND erased_at IS NULL
    ORDER BY id
    LIMIT (SELECT most FROM span)";
const SPAN: &str = "SELECT r.after_id, r.most, r.since_at, r.until_at FROM {rows} AS r";

impl ServerClock<'_> {
    /// Undoes in the actor's program what happened before its time. Safe to repeat, and to go on
    /// with when it was cut off.
    pub async fn undo(self, actor: &Actor, undo: Undo) -> Result<Undone> {
        actor.require(Scope::Admin)?;
        let (mut undone, mut after, mut most) = (Undone::default(), AccountId::FIRST, ACCOUNTS_MAX);
        loop {
            let part = |program| part(self.context, program, undo, after, most);
            let what = "undoing what happened too early";
            match decide(self.context, actor.program(), what, part).await {
                Ok((done, Some(last))) => {
                    undone = undone.plus(done)?;
                    (after, most) = (last, (most * 2).min(ACCOUNTS_MAX));
                }
                Ok((done, None)) => {
                    undone = undone.plus(done)?;
                    break;
                }
                // Outrun again and again: somebody buys with one of them at each moment.
                Err(error) if error.code() == Code::Unavailable && most > 1 => {
                    most = most.div_ceil(8);
                }
                Err(error) => return Err(error),
            }
        }
        if !undo.is_dry_run {
            self.free(actor.program()).await?;
        }
        Ok(undone)
    }

    /// Frees what would wait until an instant that a wrong clock has set: deliveries to plugins,
    /// and timers behind a hold.
    async fn free(self, program: ProgramId) -> Result<()> {
        let (mut writes, now) = (Writes::to(program), self.context.now());
        plugins::free_late(&mut writes, now);
        timers::end_late(&mut writes, now);
        self.context.db.commit(writes).await.map_err(Error::from)
    }
}

/// Undoes what is early of the next accounts; returns the last of them.
async fn part(
    context: &Context,
    program: Program,
    undo: Undo,
    after: AccountId,
    most: usize,
) -> Result<(Undone, Option<AccountId>), TryError> {
    let mut look = context.look(program.id);
    let span = Span { after_id: after, most, since_at: undo.since, until_at: undo.until };
    look.table_over("span", SPAN, &[span]);
    look.table("who", WHO);
    let states = ask_states(&mut look, Lots::IfDue);
    let expiries = ask_early(&mut look);
    let sent = messages::ask_early(&mut look);
    let firings = timers::ask_early(&mut look);
    let (answers, program) = context.ask(&program, look).await?;

    let states = states.read(&answers)?;
    let last = states.keys().last().map(|member| AccountId::from(*member));
    let mut operation = Operation::begin(context, program, states)?;
    let (mut undone, mut members) = (Undone::default(), BTreeSet::new());
    let now = operation.program().now;
    for expiry in expiries.read(&answers)? {
        members.insert(expiry.member);
        undone.points =
            undone.points.plus(operation.restore(expiry, (RestorationReason::TooEarly, now))?)?;
    }
    for message in answers.rows(sent)? {
        members.insert(message.member_id);
        messages::withdraw(&mut operation, &message);
        undone.messages += 1;
    }
    let (first, later) = timers::read_early(firings, &answers)?;
    for firing in &first {
        members.insert(firing.member_id);
        timers::set_again(&mut operation, firing)?;
        undone.timers += 1;
    }
    for firing in &later {
        timers::mark(&mut operation, firing);
    }
    undone.members = members.len();
    if !undo.is_dry_run && undone != Undone::default() {
        operation.commit().await?;
    }
    Ok((undone, last))
}

impl Undone {
    fn plus(self, other: Self) -> Result<Self> {
        Ok(Self {
            members: self.members + other.members,
            points: self.points.plus(other.points)?,
            messages: self.messages + other.messages,
            timers: self.timers + other.timers,
        })
    }
}
