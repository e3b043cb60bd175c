//! How long purchases wait for plugins. What a purchase does not learn in time it learns afterwards,
//! so a slow plugin costs its own awards some minutes, and nobody else a thing.

use crate::ProgramId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one purchase waits for one plugin.
const CALL: Duration = Duration::from_secs(1);
/// How long all plugins together may keep a batch of purchases.
const BATCH: Duration = Duration::from_secs(2);
/// What is as quick as this costs a batch nothing, however many purchases it has.
const QUICK: Duration = Duration::from_millis(50);
/// A plugin that was too slow so often in a row…
const STRIKES: u32 = 3;
/// …is not waited for by this process for so long; then one more time of it is enough.
const REST: Duration = Duration::from_secs(10);

/// What a batch of purchases still has for waiting.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    spent_microseconds: AtomicU64,
}

impl Waiting {
    /// How long the next call may take; none if nothing is left.
    pub(crate) fn left(&self) -> Option<Duration> {
        let spent = Duration::from_micros(self.spent_microseconds.load(Ordering::Relaxed));
        let left = BATCH.saturating_sub(spent).min(CALL);
        (!left.is_zero()).then_some(left)
    }

    pub(crate) fn spend(&self, time: Duration) {
        let slow = time.saturating_sub(QUICK);
        let microseconds = u64::try_from(slow.as_micros()).unwrap_or(u64::MAX);
        self.spent_microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }
}

/// Which plugins this process does not wait for at the moment.
#[derive(Debug, Default)]
pub(crate) struct Patience(Mutex<HashMap<(ProgramId, String), Slow>>);

#[derive(Debug)]
struct Slow {
    strikes: u32,
    until: Instant,
}

impl Patience {
    /// Whether a plugin is not to be waited for.
    pub(crate) fn is_over(&self, program: ProgramId, plugin: &str, now: Instant) -> bool {
        let slow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slow.get(&(program, plugin.to_owned()));
        known.is_some_and(|known| known.strikes >= STRIKES && now < known.until)
    }

    /// That a plugin has taken too long.
    pub(crate) fn was_slow(&self, program: ProgramId, plugin: &str, now: Instant) {
        let mut slow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slow.entry((program, plugin.to_owned()));
        let known = known.or_insert(Slow { strikes: 0, until: now });
        known.strikes += 1;
        known.until = now + REST;
    }

    /// That it has answered in time.
    pub(crate) fn was_quick(&self, program: ProgramId, plugin: &str) {
        let mut slow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !slow.is_empty() {
            slow.remove(&(program, plugin.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_waits_for_so_long_and_no_longer() {
        let waiting = Waiting::default();
        assert_eq!(waiting.left(), Some(CALL));
        (0..10_000).for_each(|_| waiting.spend(QUICK));
        assert_eq!(waiting.left(), Some(CALL), "what is quick is no wait");
        waiting.spend(QUICK + BATCH - Duration::from_millis(5));
        assert_eq!(waiting.left(), Some(Duration::from_millis(5)));
        waiting.spend(Duration::from_secs(60));
        assert_eq!(waiting.left(), None);
    }

    #[test]
    fn a_plugin_that_was_slow_again_and_again_is_left_alone_for_a_while() {
        let (patience, program, now) = (Patience::default(), ProgramId::new(), Instant::now());
        for _ in 0..STRIKES {
            assert!(!patience.is_over(program, "slow", now));
            patience.was_slow(program, "slow", now);
        }
        assert!(patience.is_over(program, "slow", now));
        assert!(!patience.is_over(program, "other", now));
        assert!(!patience.is_over(ProgramId::new(), "slow", now));
        let later = now + REST;
        assert!(!patience.is_over(program, "slow", later), "it is asked once more");
        patience.was_slow(program, "slow", later);
        assert!(patience.is_over(program, "slow", later), "and once more is enough");
        patience.was_quick(program, "slow");
        assert!(!patience.is_over(program, "slow", later));
    }
}
