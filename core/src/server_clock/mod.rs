//! The server's clock in the database: the last instant that any server knew. A server starts from
//! it, compares its machine's clock with it, and moves it on; see `clock.rs` for what is believed.
//!
//! A server whose machine is wrong holds itself and nobody else: what it records is what the server
//! goes by, and never further than the bound from what was recorded before. Only an operator moves
//! the record further, and then every server follows.

mod keep;
mod undo;

pub(crate) use keep::keep;
pub use undo::{Undo, Undone};

use crate::context::Context;
use crate::{Clock, Doubt, Result, Timestamp};
use sea_orm::{ConnectionTrait, DbErr};
use std::time::Duration;

/// The service. Get it from [`crate::Loyalty::server_clock`].
#[derive(Clone, Copy, Debug)]
pub struct ServerClock<'a> {
    pub(crate) context: &'a Context,
}

/// How the server's clock stands.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub machine: Timestamp,
    pub server: Timestamp,
    /// None before the first server has run.
    pub recorded: Option<Timestamp>,
    /// How far the machine's clock may be from the last known instant.
    pub bound: Duration,
    pub is_believed: bool,
}

/// Moves the record on, never back and never further than the bound.
const RECORD: &str = "
    INSERT INTO server_clock (id, recorded_at)
    VALUES (1, $1)
    ON CONFLICT (id) DO UPDATE
    SET recorded_at = excluded.recorded_at
    WHERE server_clock.recorded_at < excluded.recorded_at AND server_clock.recorded_at >= $2";
const ACCEPT: &str = "
    INSERT INTO server_clock (id, recorded_at)
    VALUES (1, $1)
    ON CONFLICT (id) DO UPDATE
    SET recorded_at = excluded.recorded_at";

impl ServerClock<'_> {
    /// Starts this process's clock from what was recorded. The machine's clock is believed within
    /// `bound` of it, and at the first start of all.
    pub async fn begin(self, bound: Duration) -> Result<()> {
        Clock::set_bound(bound);
        if let Some(recorded) = recorded(self.context).await? {
            Clock.compare(recorded);
        }
        Ok(())
    }

    pub async fn standing(self) -> Result<Standing> {
        let recorded = recorded(self.context).await?;
        let (doubt, machine) = (Clock.doubt(), Clock.machine());
        let Doubt { machine, server } = doubt.unwrap_or(Doubt { machine, server: machine });
        Ok(Standing {
            machine,
            server,
            recorded,
            bound: Clock.bound(),
            is_believed: doubt.is_none(),
        })
    }

    /// Makes what this machine's clock says the instant that all servers go by, however far it is
    /// from what they knew. They follow within seconds. Returns the instant.
    pub async fn accept(self) -> Result<Timestamp> {
        let accepted = Clock.machine();
        let db = &self.context.db;
        db.change(db.sql(ACCEPT, [accepted.into()])).await?;
        Clock.compare(accepted);
        Ok(accepted)
    }
}

/// The instant that was recorded last; none before the first.
async fn recorded(context: &Context) -> Result<Option<Timestamp>> {
    const SELECT: &str = "SELECT recorded_at FROM server_clock WHERE id = 1";
    let db = &context.db;
    let row = db.read().query_one_raw(db.sql(SELECT, [])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

async fn record(context: &Context, now: Timestamp) -> Result<(), DbErr> {
    let db = &context.db;
    let furthest = Timestamp::EPOCH.plus(now.since(Timestamp::EPOCH.plus(Clock.bound())));
    db.change(db.sql(RECORD, [now.into(), furthest.into()])).await.map(drop)
}
