//! What a ledger loses as it grows: earns per second with half a million entries, or as many as
//! `PERENNIAL_BENCH_ENTRIES` says, beside earns per second with a hundred thousand, in turns on two
//! databases with as many accounts.

use super::clients::{CoreEarner, order};
use super::earn::median_but_first;
use super::{MANY, PROGRAM, Sizes, Stage};
use crate::client::Until;
use crate::db::TestDb;
use crate::machine::memory;
use crate::platform::Platform;
use crate::report::Report;

/// Of an earn.
const ENTRIES: usize = 2;
/// Orders in memory at a time.
const ORDERS_MAX: usize = 50_000;
/// From a purchase's member to that of the next: far enough that neighbours are in different places,
/// and no two of the batches that are recorded at the same time have a member in common.
const STRIDE: usize = 7919;

pub(super) async fn measure(report: &mut Report, stage: &mut Stage) {
    let Sizes { members, rounds, round, entries_before, .. } = stage.sizes;
    let db = TestDb::create(stage.backend).await;
    let small = Platform::of_program(db, PROGRAM, members).await;
    fill(&small, members, entries_before).await;
    let mut before = CoreEarner::crowd(&small, MANY, "before", members);
    let mut after = CoreEarner::crowd(&stage.platform, MANY, "after", members);
    let until = Until::Elapsed(round / 2);
    let (mut ours, mut theirs) = (vec![], vec![]);
    for _ in 0..=rounds {
        theirs.push(before.round(until).await.rate());
        small.settle().await;
        ours.push(stage.turn(&mut after, until).await.rate());
    }
    let (grown, fewer) = (stage.platform.entries().await, small.entries().await);
    let held = memory().map_or("unknown".to_owned(), |held| format!("{held} MB"));
    report.note(&format!("{grown} entries beside {fewer} in the end; this process holds {held}"));
    let (ours, theirs) = (median_but_first(ours), median_but_first(theirs));
    report.rate(stage.row("growth"), "earns/s", ours, theirs);
}

/// Earns through the core until there are so many entries.
pub(super) async fn fill(platform: &Platform, members: usize, entries: usize) {
    let mut left = entries.saturating_sub(platform.entries().await).div_ceil(ENTRIES);
    let mut orders = (0..).map(|number| order("fill", number, number * STRIDE % members));
    while left > 0 {
        let some: Vec<_> = orders.by_ref().take(left.min(ORDERS_MAX)).collect();
        platform.record(&some).await;
        left -= some.len();
    }
    platform.settle().await;
}
