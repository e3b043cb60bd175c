//! Holding a program's timers while facts of the past come in, as an import brings them. A timer
//! that its plugin would have moved at a later fact must not fire before that fact is there.
//!
//! A hold ends when it is released, or an hour after it was last extended: who was killed has that
//! long to begin again.

use crate::context::Context;
use crate::db::{Writes, row};
use crate::{Actor, Error, Result, Scope, TimerHoldId, Timestamp};
use std::time::Duration;

/// How long a hold stands by itself.
const STANDS: Duration = Duration::from_hours(1);
/// How often it has to be extended.
const EXTENDED: Duration = Duration::from_mins(1);

/// The service. Get it from [`crate::Loyalty::timers`].
#[derive(Clone, Copy, Debug)]
pub struct Timers<'a> {
    pub(crate) context: &'a Context,
}

/// A hold on a program's timers.
#[derive(Debug)]
pub struct Hold {
    actor: Actor,
    id: TimerHoldId,
    extended_at: Option<Timestamp>,
}

row! {
    struct HoldRow {
        id: TimerHoldId,
        until_at: Timestamp,
    }
}

const EXTEND: &str = "
    INSERT INTO timer_holds (program_id, id, until_at)
    SELECT $1, id, until_at
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, id) DO UPDATE
    SET until_at = excluded.until_at";
const RELEASE: &str = "
    DELETE FROM timer_holds
    WHERE program_id = $1
        AND (id {in: SELECT r.id FROM {rows} AS r} OR until_at <= (SELECT MAX(r.until_at) FROM {rows} AS r))";

const END_LATE: &str = "
    DELETE FROM timer_holds
    WHERE program_id = $1 AND until_at > (SELECT MAX(r.until_at) FROM {rows} AS r)";

impl Timers<'_> {
    /// Holds the timers of the actor's program.
    pub async fn hold(self, actor: &Actor) -> Result<Hold> {
        actor.require(Scope::Admin)?;
        let mut hold = Hold { actor: actor.clone(), id: TimerHoldId::new(), extended_at: None };
        self.extend(&mut hold).await?;
        Ok(hold)
    }

    /// Goes on holding them. To be called as often as there is something to wait for; it writes
    /// once a minute.
    pub async fn extend(self, hold: &mut Hold) -> Result<()> {
        let now = self.context.now();
        if hold.extended_at.is_some_and(|at| now < at.plus(EXTENDED)) {
            return Ok(());
        }
        self.write(hold, EXTEND, now.plus(STANDS)).await?;
        hold.extended_at = Some(now);
        Ok(())
    }

    /// Lets them fire, unless another hold stands.
    pub async fn release(self, hold: Hold) -> Result<()> {
        self.write(&hold, RELEASE, self.context.now()).await
    }

    async fn write(self, hold: &Hold, sql: &'static str, until_at: Timestamp) -> Result<()> {
        let mut writes = Writes::to(hold.actor.program());
        writes.run(sql, &HoldRow { id: hold.id, until_at });
        self.context.db.commit(writes).await.map_err(Error::from)?;
        self.context.wake();
        Ok(())
    }
}

/// Ends holds that stand for longer than any does: a clock that was wrong said until when.
pub(crate) fn end_late(writes: &mut Writes, now: Timestamp) {
    let until_at = now.plus(STANDS).plus(EXTENDED);
    writes.run(END_LATE, &HoldRow { id: TimerHoldId::new(), until_at });
}
