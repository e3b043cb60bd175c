//! When to seal. A seal for each commit would be a commit for each commit; so a block gathers until
//! it is full, or until the first of it has waited.

use super::ITEMS_MAX;
use crate::{ProgramId, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// How long something placed waits for others, by the server's clock. What was changed within that
/// time nobody notices; and a program in which there is always something makes so many seals fewer.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Since when there is something to seal, as this process saw it.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    since: HashMap<ProgramId, Timestamp>,
}

impl Gathering {
    /// Takes note of how many positions of a program are not sealed; whether to seal now.
    pub(crate) fn is_due(&mut self, program: ProgramId, unsealed: i64, now: Timestamp) -> bool {
        if unsealed <= 0 {
            self.since.remove(&program);
            return false;
        }
        let since = self.since.entry(program).or_insert(now);
        // A clock that was set back begins to wait anew.
        *since = now.min(*since);
        unsealed >= i64::try_from(ITEMS_MAX).unwrap_or(i64::MAX) || now.since(*since) >= WAIT_MAX
    }

    /// What was there is sealed.
    pub(crate) fn begin_anew(&mut self, program: ProgramId) {
        self.since.remove(&program);
    }

    /// For how long the first of all has waited.
    pub(crate) fn waited(&self, now: Timestamp) -> Duration {
        self.since.values().map(|since| now.since(*since)).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_waits_until_it_is_full_or_has_waited() {
        let (mut gathering, program) = (Gathering::default(), ProgramId::new());
        let at = |seconds| Timestamp::EPOCH.plus(Duration::from_secs(seconds));
        let most = i64::try_from(ITEMS_MAX).unwrap();
        assert!(!gathering.is_due(program, 0, at(100)));
        assert!(!gathering.is_due(program, 1, at(101)));
        assert!(gathering.is_due(program, most, at(101)), "it is full");
        assert!(!gathering.is_due(program, most - 1, at(110)));
        assert!(gathering.is_due(program, 2, at(111)), "the first of it has waited");
        assert_eq!(gathering.waited(at(111)), WAIT_MAX);
        gathering.begin_anew(program);
        assert!(!gathering.is_due(program, 1, at(111)));
        assert!(!gathering.is_due(program, 0, at(115)), "another node has sealed it");
        assert!(!gathering.is_due(program, 1, at(122)), "what came since waits for itself");
        assert!(!gathering.is_due(program, 1, at(50)), "by a clock that was set back");
        assert!(gathering.is_due(program, 1, at(60)));
    }
}
