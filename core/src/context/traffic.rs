//! Whether requests are being written in this process, so that work that can wait keeps out of their
//! way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing was written when it is quiet: longer than between two requests of one caller who
/// sends them one after the other.
const QUIET_MIN: Duration = Duration::from_millis(100);

/// Batches of requests that are under way.
#[derive(Debug, Default)]
pub(crate) struct Traffic(Mutex<Batches>);

#[derive(Debug, Default)]
struct Batches {
    under_way: usize,
    last_ended: Option<Instant>,
}

/// A batch that is under way until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay<'a>(&'a Traffic);

impl Traffic {
    pub(crate) fn begin(&self) -> UnderWay<'_> {
        self.locked().under_way += 1;
        UnderWay(self)
    }

    pub(crate) fn is_quiet(&self) -> bool {
        let batches = self.locked();
        batches.under_way == 0 && batches.last_ended.is_none_or(|at| at.elapsed() >= QUIET_MIN)
    }

    fn locked(&self) -> MutexGuard<'_, Batches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut batches = self.0.locked();
        batches.under_way -= 1;
        batches.last_ended = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_quiet_a_while_after_the_last_batch() {
        let traffic = Traffic::default();
        assert!(traffic.is_quiet(), "nothing was written yet");
        let (one, other) = (traffic.begin(), traffic.begin());
        drop(one);
        std::thread::sleep(QUIET_MIN);
        assert!(!traffic.is_quiet(), "the other is under way");
        drop(other);
        assert!(!traffic.is_quiet(), "the next may be near");
        std::thread::sleep(QUIET_MIN);
        assert!(traffic.is_quiet());
    }
}
