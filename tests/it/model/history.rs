//! Histories: what happens in a program, drawn at random, run, and made small when it goes wrong.

use super::commands::Call;
use super::reference::terms::Terms;
use crate::support::random::{self, number};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct History {
    pub(super) terms: Terms,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Step {
    Call(Call),
    /// What was sent before is sent again, as it was or under the same key with other arguments.
    Again {
        of: usize,
        changed: bool,
    },
}

impl History {
    pub(super) fn any(steps: usize) -> impl Strategy<Value = Self> {
        let step = prop_oneof![
            9 => Call::any().prop_map(Step::Call),
            1 => (0..64_usize, prop::bool::weighted(0.3))
                .prop_map(|(of, changed)| Step::Again { of, changed }),
        ];
        (Terms::any(), prop::collection::vec(step, 1..=steps))
            .prop_map(|(terms, steps)| Self { terms, steps })
    }
}

/// After so many that went wrong, the long form ends.
const FOUND_MAX: usize = 5;

/// How many cases a test looks at: `cases` in the suite, `PERENNIAL_HISTORIES` of them in the long
/// form.
fn count(cases: u64) -> u64 {
    number("PERENNIAL_HISTORIES").unwrap_or(cases)
}

/// Looks at cases of which each has a seed. One that fails is made small and shown with its seed:
/// `PERENNIAL_SEED` runs it again, alone.
pub(super) fn all<T: Debug + Serialize>(
    cases: u64,
    strategy: impl Strategy<Value = T>,
    test: impl AsyncFn(T),
) {
    // The suite looks at the same in each run; whoever asks for many looks at others each time.
    let is_long = number("PERENNIAL_HISTORIES").or(number("PERENNIAL_SEED")).is_some();
    let first = if is_long { random::seed() } else { 0 };
    let cases = if number("PERENNIAL_SEED").is_some() { 1 } else { count(cases) };
    let mut found = Vec::new();
    for seed in first..first + cases {
        let config = Config {
            cases: 1,
            rng_seed: RngSeed::Fixed(seed),
            failure_persistence: None,
            max_shrink_iters: 2_000,
            max_shrink_time: 30_000,
            ..Config::default()
        };
        let run = |case| {
            block_in_place(|| Handle::current().block_on(test(case)));
            Ok(())
        };
        match TestRunner::new(config).run(&strategy, run) {
            Err(TestError::Fail(why, case)) => {
                let kept = serde_json::to_string(&case).unwrap();
                found.push(format!(
                    "PERENNIAL_SEED={seed}\n{why}\nas small as it gets:\n{case:#?}\n{kept}\n"
                ));
            }
            done => done.unwrap(),
        }
        // The long form goes on: what is found next may be something else.
        if found.len() == if is_long { FOUND_MAX } else { 1 } {
            break;
        }
    }
    assert!(found.is_empty(), "{} of the histories went wrong\n{}", found.len(), found.join("\n"));
}
