//! Whether the worker of this process is alive, and how far behind it is.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// How long the worker may be silent before it counts as dead: many rounds, and longer than a slow
/// database takes for one.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// What is known of the worker of this process.
#[derive(Debug, Default)]
pub(crate) struct Health {
    last_round: Mutex<Option<Instant>>,
}

impl Health {
    /// The worker has completed a round.
    pub(crate) fn beat(&self) {
        *self.last_round.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether the worker completed a round a short while ago. One that never ran is not missed.
    pub(crate) fn is_alive(&self) -> bool {
        let last = *self.last_round.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_none_or(|last| last.elapsed() < SILENCE_MAX)
    }
}
