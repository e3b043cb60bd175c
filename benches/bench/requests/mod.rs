//! What requests cost, each beside what somebody would write by hand for that one job:
//! `ONLY=requests`.
//!
//! Both stand on the same kind of database with the same settings and the same number of members,
//! run in turns in the same process, and are asked by the same clients. The platform is whole: its
//! routes, the demo's plugin, and the worker that delivers to it. Members are drawn at random, the
//! same ones in every run. Where purchases are measured, plugins have received all of them before
//! the baseline has its turn; how far they fall behind is a row of its own.

mod burst;
mod purchases;
mod status;
mod storage;

use crate::db::{Backend, TestDb};
use crate::platform::{Order, Platform};
use crate::report::Report;
use std::time::{Duration, Instant};

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    members: usize,
    /// Members whose tokens are signed beforehand.
    tokens: usize,
    rounds: usize,
    /// Each.
    round: Duration,
    burst: usize,
    stored: usize,
}

const FULL: Sizes = Sizes {
    members: 100_000,
    tokens: 4096,
    rounds: 7,
    round: Duration::from_secs(1),
    burst: 20_000,
    stored: 20_000,
};
/// To see whether everything runs; its ratios mean little.
const QUICK: Sizes = Sizes {
    members: 2000,
    tokens: 256,
    rounds: 3,
    round: Duration::from_millis(200),
    burst: 500,
    stored: 1000,
};
const MANY: usize = 32;
/// How long anybody waits for plugins before it is said and the run goes on.
const PATIENCE: Duration = Duration::from_mins(5);
/// The same between rounds, of which there are many.
const PATIENCE_OF_ROUNDS: Duration = Duration::from_secs(20);
/// Purchases that members have already: of every forty, the first five, the second three, and so
/// on.
const BOUGHT: [i64; 40] = {
    let mut bought = [0; 40];
    [bought[0], bought[1], bought[2], bought[3], bought[4]] = [5, 3, 2, 1, 1];
    bought
};
/// Between them, so that each has an expiry of its own.
const DAYS_BETWEEN: i64 = 40;

/// What all rows of one database share.
pub(crate) struct Stage {
    backend: Backend,
    /// In the names of rows.
    name: &'static str,
    sizes: Sizes,
    platform: Platform,
}

pub(crate) async fn measure(report: &mut Report, wants: impl Fn(&str) -> bool) {
    let is_quick = std::env::var("PERENNIAL_BENCH_QUICK").is_ok_and(|quick| quick == "1");
    let sizes = if is_quick { QUICK } else { FULL };
    for (backend, name) in [(Backend::Postgres, "pg"), (Backend::Sqlite, "sqlite")] {
        let wants = |rows: &str| wants(&rows.replace("{name}", name));
        let with_status = wants("requests.{name}.status") || wants("requests.{name}.auth.32");
        let with_purchases =
            wants("requests.{name}.purchase.1") || wants("requests.{name}.purchase.32");
        let with_burst = backend == Backend::Postgres && wants("requests.{name}.purchase.burst");
        let with_storage = wants("requests.{name}.storage") || wants("storage.{name}.purchase");
        if !(with_status || with_purchases || with_burst || with_storage) {
            continue;
        }
        let stage = Stage { backend, name, sizes, platform: stage(report, backend, sizes).await };
        if with_status {
            // First, while both still hold the same facts.
            status::measure(report, &stage).await;
        }
        if with_purchases {
            purchases::measure(report, &stage).await;
        }
        if with_burst {
            burst::measure(report, &stage).await;
        }
        if with_storage {
            storage::measure(report, &stage).await;
        }
    }
}

/// Fills a platform through the core, as an import would.
async fn stage(report: &Report, backend: Backend, sizes: Sizes) -> Platform {
    let start = Instant::now();
    let platform = Platform::whole(TestDb::create(backend).await, sizes.members).await;
    let enrolled = start.elapsed().as_secs_f64();
    let bought = |member: usize| (0..BOUGHT[member % BOUGHT.len()]).map(move |n| (member, n));
    let order = |(member, n): (usize, i64)| Order {
        member,
        reference: format!("seed-{member}-{n}"),
        has_line: true,
        days_ago: DAYS_BETWEEN * (BOUGHT[member % BOUGHT.len()] - n),
        amount_minor: 1000 + 730 * n,
    };
    let orders: Vec<_> = (0..sizes.members).flat_map(bought).map(order).collect();
    platform.record(&orders).await;
    let recorded = start.elapsed().as_secs_f64() - enrolled;
    settle(report, &platform, PATIENCE).await;
    let (members, purchases, all) = (sizes.members, orders.len(), start.elapsed().as_secs_f64());
    report.note(&format!(
        "{backend:?}: {members} members in {enrolled:.1} s, {purchases} purchases in {recorded:.1} s, \
         plugins done after {all:.1} s"
    ));
    platform
}

/// Lets plugins receive everything, so that what comes next has the machine for itself.
async fn settle(report: &Report, platform: &Platform, patience: Duration) {
    if let Err(waiting) = platform.drain(patience).await {
        let seconds = patience.as_secs();
        report.note(&format!("{waiting} events still wait for plugins after {seconds} s"));
    }
}
