//! Numbers that are drawn at random, and are the same for a seed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

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
