//! Numbers that are drawn at random, and are the same for a seed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

/// A seed that is another one in each run, unless `PERENNIAL_SEED` says which. A test that fails
/// says it.
pub(crate) fn seed() -> u64 {
    let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    number("PERENNIAL_SEED").unwrap_or(u64::from(today.subsec_nanos()) << 16)
}

/// A number in the environment.
pub(crate) fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is not a number")))
}

#[derive(Debug)]
pub(crate) struct Random {
    seed: u64,
    drawn: u64,
}

impl Random {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    pub(crate) fn within(&mut self, range: Range<i64>) -> i64 {
        self.drawn += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, self.drawn).hash(&mut hasher);
        let span = u64::try_from(range.end - range.start).unwrap();
        range.start + i64::try_from(hasher.finish() % span).unwrap()
    }
}
