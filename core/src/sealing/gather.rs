//! When to seal, and how much. A seal for each commit would be a commit for each commit; so a block
//! gathers until it is full, or until the first of it has waited. A full one waits as well while
//! requests are written, until there are many: sealing reads all of it back, and would take the
//! database from them.

use super::ITEMS_MAX;
use crate::{ProgramId, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// How long something placed waits for others, by the server's clock. What was changed within that
/// time nobody notices; and a program in which there is always something makes so many seals fewer.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// The most positions that wait for requests to be written, unless they come faster than blocks are
/// sealed.
const POSITIONS_MAX: i64 = 20_000;

/// Since when there is something to seal, as this process saw it.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    since: HashMap<ProgramId, Timestamp>,
}

impl Gathering {
    /// Takes note of how many positions of a program are not sealed; how many of them to seal now.
    /// `is_quiet` says that no requests are being written.
    pub(crate) fn due(
        &mut self,
        program: ProgramId,
        unsealed: i64,
        is_quiet: bool,
        now: Timestamp,
    ) -> i64 {
        if unsealed <= 0 {
            self.since.remove(&program);
            return 0;
        }
        let since = self.since.entry(program).or_insert(now);
        // A clock that was set back begins to wait anew.
        *since = now.min(*since);
        let is_full = unsealed >= i64::try_from(ITEMS_MAX).unwrap_or(i64::MAX);
        if now.since(*since) >= WAIT_MAX || is_full && is_quiet {
            return unsealed;
        }
        (unsealed - POSITIONS_MAX).max(0)
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

    const FULL: i64 = 1_000;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::EPOCH.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_block_waits_until_it_is_full_or_has_waited() {
        let (mut gathering, program) = (Gathering::default(), ProgramId::new());
        let mut due = |unsealed, seconds| gathering.due(program, unsealed, true, at(seconds));
        assert_eq!(due(0, 100), 0);
        assert_eq!(due(1, 101), 0);
        assert_eq!(due(FULL, 101), FULL, "it is full");
        assert_eq!(due(FULL - 1, 110), 0);
        assert_eq!(due(2, 111), 2, "the first of it has waited");
        assert_eq!(gathering.waited(at(111)), WAIT_MAX);
        gathering.begin_anew(program);
        let mut due = |unsealed, seconds| gathering.due(program, unsealed, true, at(seconds));
        assert_eq!(due(1, 111), 0);
        assert_eq!(due(0, 115), 0, "another node has sealed it");
        assert_eq!(due(1, 122), 0, "what came since waits for itself");
        assert_eq!(due(1, 50), 0, "by a clock that was set back");
        assert_eq!(due(1, 60), 1);
    }

    #[test]
    fn a_full_block_waits_for_requests_but_not_for_ever() {
        let (mut gathering, program) = (Gathering::default(), ProgramId::new());
        let mut due =
            |unsealed, quiet, seconds| gathering.due(program, unsealed, quiet, at(seconds));
        assert_eq!(due(FULL, false, 100), 0);
        assert_eq!(due(POSITIONS_MAX, false, 101), 0);
        assert_eq!(due(POSITIONS_MAX + 7, false, 102), 7, "what is too many");
        assert_eq!(due(POSITIONS_MAX, true, 103), POSITIONS_MAX, "a quiet moment");
        assert_eq!(due(1, false, 109), 0);
        assert_eq!(due(2 * FULL, false, 110), 2 * FULL, "the first of it has waited");
    }
}
