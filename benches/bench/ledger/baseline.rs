//! The one-statement earn, as fast as the machine can be asked for it: pgbench on PostgreSQL, a loop
//! of prepared statements on SQLite.

use crate::baseline::earn::{SqliteEarner, as_pgbench, prepare, read_as_pgbench};
use crate::baseline::pgbench::Pgbench;
use crate::client::{Crowd, Until};
use crate::db::TestDb;
use crate::report::median;
use std::time::Duration;

pub(super) struct Baseline {
    db: TestDb,
    earners: Earners,
    accounts: usize,
}

enum Earners {
    Pgbench(Pgbench),
    /// One, because a second would only wait for the first.
    Loop(Crowd<SqliteEarner>),
}

impl Baseline {
    pub(super) async fn open(db: TestDb, accounts: usize) -> Self {
        prepare(&db.url, accounts).await.close().await.expect("a closed connection");
        let earners = if db.url.starts_with("sqlite:") {
            Earners::Loop(Crowd::new([SqliteEarner::open(&db.url, 1, accounts).await]))
        } else {
            Earners::Pgbench(Pgbench::new(&db.url, &as_pgbench(accounts)))
        };
        Self { db, earners, accounts }
    }

    /// The same for one account that all earn for.
    pub(super) fn of_one_account(&self) -> Pgbench {
        Pgbench::new(&self.db.url, &as_pgbench(1))
    }

    /// Reads a balance instead.
    pub(super) fn reading(&self) -> Pgbench {
        Pgbench::new(&self.db.url, &read_as_pgbench(self.accounts))
    }

    /// Earns per second, by so many clients where more than one help.
    pub(super) async fn rate(&mut self, clients: usize, long: Duration) -> f64 {
        match &mut self.earners {
            Earners::Pgbench(pgbench) => pgbench.rate(clients, long),
            Earners::Loop(one) => one.round(Until::Elapsed(long)).await.rate(),
        }
    }

    /// The median time of an earn with one client.
    pub(super) async fn median(&mut self, long: Duration) -> Duration {
        match &mut self.earners {
            Earners::Pgbench(pgbench) => pgbench.median(long),
            Earners::Loop(one) => median(one.round(Until::Elapsed(long)).await.latencies),
        }
    }
}
