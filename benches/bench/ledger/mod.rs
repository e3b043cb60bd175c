//! What the points ledger costs, each row beside the least that somebody would write by hand for it
//! and in turns with it: `ONLY=ledger`.
//!
//! An **earn** is a finished one: a purchase of an amount, recorded by `recordPurchase` or by the
//! function of the core behind it, that one rule gives points for. It leaves the purchase with its
//! receipt, which is the idempotency, a transaction with two entries, a lot that expires, the
//! balance, the account's version and statistics, two events, and its lines of the journal. The
//! worker places and seals that meanwhile, as in a served platform; the program has no plugins, tiers
//! or referrals, which `ONLY=requests` measures.
//!
//! Everything is durable: `synchronous_commit=on`, `synchronous=FULL`. Accounts are drawn at random
//! from 100,000. Between turns the worker finishes what was left to it, so that a baseline has the
//! machine for itself.

mod baseline;
mod clients;
mod earn;
mod growth;
mod latency;
mod read;
mod slow_disk;
mod spend;
mod tail;
mod verify;

pub(crate) use slow_disk::measure_on_slow_disk;

use crate::client::{Client, Crowd, Round, Until};
use crate::db::{Backend, TestDb};
use crate::machine;
use crate::platform::Platform;
use crate::report::Report;
use baseline::Baseline;
use std::time::{Duration, Instant};

/// How much of everything.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    members: usize,
    rounds: usize,
    /// Each, of one side.
    round: Duration,
    /// Spends, and returns, of each round.
    ends: usize,
    /// What a ledger grows to.
    entries: usize,
    /// Before it grows.
    entries_before: usize,
}

const FULL: Sizes = Sizes {
    members: 100_000,
    rounds: 5,
    round: Duration::from_secs(2),
    ends: 2000,
    entries: 500_000,
    entries_before: 100_000,
};
/// To see whether everything runs; its ratios mean little.
const QUICK: Sizes = Sizes {
    members: 2000,
    rounds: 2,
    round: Duration::from_secs(1),
    ends: 200,
    entries: 20_000,
    entries_before: 2000,
};
const MANY: usize = 32;
const PROGRAM: &str = include_str!("program.toml");

/// What all rows of one database share.
struct Stage {
    backend: Backend,
    /// In the names of rows.
    name: &'static str,
    sizes: Sizes,
    platform: Platform,
    baseline: Baseline,
}

pub(crate) async fn measure(report: &mut Report, wants: impl Fn(&str) -> bool) {
    let sizes = Sizes::asked_for();
    for (backend, name) in [(Backend::Postgres, "pg"), (Backend::Sqlite, "sqlite")] {
        let with = |rows: &str| wants(&format!("ledger.{name}.{rows}"));
        let is_postgres = backend == Backend::Postgres;
        let with_verify = is_postgres && wants("ledger.verify");
        let on_both = ["earn", "latency", "growth"];
        let on_postgres = ["hot", "tail", "spend", "return", "read"];
        if on_both.into_iter().any(with)
            || is_postgres && on_postgres.into_iter().any(with)
            || with_verify
        {
            let mut stage = Stage::open(report, backend, name, sizes).await;
            if with("earn") {
                earn::measure(report, &mut stage).await;
            }
            if with("latency") {
                latency::measure(report, &mut stage).await;
            }
            if is_postgres {
                measure_on_postgres(report, &mut stage, with).await;
            }
            if with("growth") || with_verify {
                growth::fill(&stage.platform, sizes.members, sizes.entries).await;
            }
            if with("growth") {
                growth::measure(report, &mut stage).await;
            }
            if with_verify {
                verify::measure(report, &stage).await;
            }
        }
        if with("slowdisk") {
            slow_disk::measure(report, &format!("ledger.{name}.slowdisk"));
        }
    }
}

async fn measure_on_postgres(report: &mut Report, stage: &mut Stage, with: impl Fn(&str) -> bool) {
    if with("tail") {
        tail::measure(report, stage).await;
    }
    if with("hot") {
        earn::measure_hot(report, stage).await;
    }
    if with("spend") || with("return") {
        spend::measure(report, stage).await;
    }
    if with("read") {
        read::measure(report, stage).await;
    }
}

impl Sizes {
    /// `PERENNIAL_BENCH_QUICK=1`, and to how many entries a ledger grows:
    /// `PERENNIAL_BENCH_ENTRIES`.
    fn asked_for() -> Self {
        let is_quick = std::env::var("PERENNIAL_BENCH_QUICK").is_ok_and(|quick| quick == "1");
        let sizes = if is_quick { QUICK } else { FULL };
        let entries = std::env::var("PERENNIAL_BENCH_ENTRIES").ok();
        let entries = entries.map(|entries| entries.parse().expect("a number of entries"));
        Self { entries: entries.unwrap_or(sizes.entries), ..sizes }
    }
}

impl Stage {
    async fn open(report: &Report, backend: Backend, name: &'static str, sizes: Sizes) -> Self {
        let (start, db) = (Instant::now(), TestDb::create(backend).await);
        machine::note(report, db.folder.path());
        let baseline = Baseline::open(TestDb::create(backend).await, sizes.members).await;
        let platform = Platform::of_program(db, PROGRAM, sizes.members).await;
        platform.settle().await;
        let (members, took) = (sizes.members, start.elapsed().as_secs_f64());
        report.note(&format!("{backend:?}: {members} accounts on both sides in {took:.1} s"));
        Self { backend, name, sizes, platform, baseline }
    }

    fn row(&self, name: &str) -> String {
        format!("ledger.{}.{name}", self.name)
    }

    /// Lets clients of the platform have their turn, and the worker finish it.
    async fn turn<C: Client>(&self, crowd: &mut Crowd<C>, until: Until) -> Round {
        let done = crowd.round(until).await;
        self.platform.settle().await;
        done
    }
}
