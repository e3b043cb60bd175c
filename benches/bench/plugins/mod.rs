//! What plugins cost, and what they cost each other: `ONLY=plugins`.
//!
//! The plugin is the smallest of the examples, `hello`: it welcomes a member with points and a
//! message, and does nothing about a purchase. Calls are made through the host, beside the least
//! that somebody would write around the same engine; what is dispatched goes through the platform,
//! as its worker does it, and nobody else works meanwhile.

mod call;
mod dispatch;
mod guests;
mod minimal;
mod neighbour;
mod timers;

use crate::report::Report;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    rounds: usize,
    /// Calls of a side in each round.
    calls: usize,
    /// Events, and purchases, of each round.
    events: usize,
    timers: Timers,
}

/// Timers, and whose they are.
#[derive(Clone, Copy, Debug)]
struct Timers {
    members: usize,
    due: usize,
    /// Others that are not due.
    later: usize,
}

const FULL: Sizes = Sizes {
    rounds: 5,
    calls: 2000,
    events: 2000,
    timers: Timers { members: 10_000, due: 100_000, later: 1_000_000 },
};
/// To see whether everything runs; its ratios mean little.
const QUICK: Sizes = Sizes {
    rounds: 3,
    calls: 300,
    events: 200,
    timers: Timers { members: 500, due: 2000, later: 20_000 },
};

pub(crate) async fn measure(report: &mut Report, wants: impl Fn(&str) -> bool) {
    let sizes = Sizes::asked_for();
    if wants("plugins.call") {
        call::measure(report, sizes).await;
    }
    if wants("plugins.neighbour") {
        neighbour::measure(report, sizes).await;
    }
    dispatch::measure(report, sizes, &wants).await;
    if wants("plugins.timers") {
        timers::measure(report, sizes.timers).await;
    }
}

impl Sizes {
    /// `PERENNIAL_BENCH_QUICK=1`, and how many timers are due: `PERENNIAL_BENCH_TIMERS`, ten times
    /// as many of which are not.
    fn asked_for() -> Self {
        let is_quick = std::env::var("PERENNIAL_BENCH_QUICK").is_ok_and(|quick| quick == "1");
        let mut sizes = if is_quick { QUICK } else { FULL };
        if let Ok(due) = std::env::var("PERENNIAL_BENCH_TIMERS") {
            sizes.timers.due = due.parse().expect("a number of timers");
            sizes.timers.later = 10 * sizes.timers.due;
        }
        sizes
    }
}
