//! The server's clock: the machine's clock, for as long as it can be believed.
//!
//! What has expired, fired or been sent is not undone by setting a clock right, so a clock that
//! jumps is not followed. A process remembers the last instant that it knew; at its start that is
//! the one that was last recorded in the database. While the machine's clock is within a bound of
//! it, forwards or backwards, the machine's clock is the server's. When it is not, the server's
//! clock goes on from the last known instant, at the machine's pace, until the machine's clock is
//! set right or an operator accepts it. So the server's clock never jumps by more than the bound,
//! and everything that follows a clock is held back by it, wherever it asks.
//!
//! A process has one machine, and so one clock: what is asked a thousand times a second takes no
//! lock and no statement. `server_clock` compares it with the record.

use crate::Timestamp;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How far the machine's clock may be from the last known instant if the operator does not say
/// otherwise: a shop may be closed for a month.
pub const BOUND_DEFAULT: Duration = Duration::from_hours(31 * 24);
const SECOND: u64 = 1_000_000;
/// In place of the last known instant, while none is.
const NEVER: i64 = i64::MIN;

static SERVER: Belief = Belief::new();

/// Where "now" comes from: the server's clock. A sandbox program's test clock, stored with the
/// program, takes precedence over it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

/// A machine's clock that is not believed, and what the server goes by instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub machine: Timestamp,
    pub server: Timestamp,
}

impl Clock {
    /// The server's now.
    pub fn now(self) -> Timestamp {
        SERVER.now(self.machine())
    }

    /// What the machine's clock says, believed or not.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn machine(self) -> Timestamp {
        jiff::Timestamp::now().into()
    }

    /// What is not believed; none while the machine's clock is.
    pub fn doubt(self) -> Option<Doubt> {
        let machine = self.machine();
        let server = SERVER.now(machine);
        SERVER.is_doubting().then_some(Doubt { machine, server })
    }

    pub fn bound(self) -> Duration {
        Duration::from_micros(SERVER.bound())
    }

    /// Sets how far the machine's clock may be from the last known instant.
    pub(crate) fn set_bound(bound: Duration) {
        SERVER.bound.store(whole_microseconds(bound), Relaxed);
    }

    /// Takes note of the instant that was last recorded for all servers.
    pub(crate) fn compare(self, recorded: Timestamp) {
        SERVER.compare(self.machine(), recorded);
    }
}

/// What a process believes of its machine's clock. Instants are microseconds, so that each is one
/// atomic.
#[derive(Debug)]
struct Belief {
    /// The last known instant, to the second.
    last: AtomicI64,
    /// How far the machine's clock is ahead of the server's; nothing while it is believed.
    ahead: AtomicI64,
    bound: AtomicU64,
    /// Held by whoever changes `ahead`, so that each change is told once.
    turn: Mutex<()>,
}

impl Belief {
    const fn new() -> Self {
        Self {
            last: AtomicI64::new(NEVER),
            ahead: AtomicI64::new(0),
            bound: AtomicU64::new(whole_microseconds(BOUND_DEFAULT)),
            turn: Mutex::new(()),
        }
    }

    /// The server's now, when the machine's clock says `machine`.
    fn now(&self, machine: Timestamp) -> Timestamp {
        let (last, ahead) = (self.last.load(Relaxed), self.ahead.load(Relaxed));
        let now = machine.microseconds() - ahead;
        if set_aside(machine.microseconds(), last, ahead, self.bound()) != ahead {
            return self.turn(machine, None);
        }
        if now.abs_diff(last) >= SECOND {
            self.last.store(now, Relaxed);
        }
        instant(now)
    }

    /// Goes by a recorded instant that is further from the server's clock than the bound: it is
    /// what an operator accepted, or what the servers before this one knew.
    fn compare(&self, machine: Timestamp, recorded: Timestamp) {
        let now = self.now_if_any(machine);
        let is_far = now
            .is_none_or(|now| now.microseconds().abs_diff(recorded.microseconds()) > self.bound());
        if is_far {
            self.turn(machine, Some(recorded));
        }
    }

    fn now_if_any(&self, machine: Timestamp) -> Option<Timestamp> {
        (self.last.load(Relaxed) != NEVER).then(|| self.now(machine))
    }

    /// Begins or ceases to believe the machine's clock, at what is known or at what is `told`.
    fn turn(&self, machine: Timestamp, told: Option<Timestamp>) -> Timestamp {
        let _alone = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.ahead.load(Relaxed);
        let last = told.map_or_else(|| self.last.load(Relaxed), Timestamp::microseconds);
        let ahead = set_aside(machine.microseconds(), last, before, self.bound());
        let now = machine.microseconds() - ahead;
        self.ahead.store(ahead, Relaxed);
        self.last.store(now, Relaxed);
        let server = instant(now);
        if ahead != 0 && (before == 0 || told.is_some()) {
            let doubt = Doubt { machine, server };
            tracing::error!(%machine, %server, "{doubt}");
        } else if ahead == 0 && before != 0 {
            tracing::warn!(%machine, "the machine's clock is believed again");
        }
        show(ahead != 0);
        server
    }

    fn is_doubting(&self) -> bool {
        self.ahead.load(Relaxed) != 0
    }

    fn bound(&self) -> u64 {
        self.bound.load(Relaxed)
    }
}

/// How much of the machine's clock is set aside: nothing if it is within the bound of the last known
/// instant, else as much as until now if that still fits, else all that it jumped.
const fn set_aside(machine: i64, last: i64, ahead: i64, bound: u64) -> i64 {
    if last == NEVER || machine.abs_diff(last) <= bound {
        return 0;
    }
    if (machine - ahead).abs_diff(last) <= bound { ahead } else { machine - last }
}

/// Shows, in the metrics, whether the machine's clock is believed.
pub(crate) fn show(is_doubting: bool) {
    metrics::gauge!("perennial_clock_is_distrusted").set(f64::from(u8::from(is_doubting)));
}

const fn whole_microseconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(SECOND)
}

fn instant(microseconds: i64) -> Timestamp {
    let fallback = if microseconds < 0 { Timestamp::EPOCH } else { Timestamp::LAST };
    Timestamp::from_microseconds(microseconds).unwrap_or(fallback)
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { machine, server } = self;
        write!(
            f,
            "the machine's clock is not believed: it says {machine}, too far from the last known \
             instant, so the server's clock goes on at {server}; set the machine's clock right, or \
             run `perennial clock accept` if it is right"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: Duration = Duration::from_hours(1);
    const YEARS: Duration = Duration::from_hours(2 * 365 * 24);

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn before(at: Timestamp, by: Duration) -> Timestamp {
        Timestamp::EPOCH.plus(at.since(Timestamp::EPOCH.plus(by)))
    }

    /// A server that knows that it is noon.
    fn at_noon() -> Belief {
        let belief = Belief::new();
        assert_eq!(belief.now(noon()), noon(), "the first start believes");
        belief
    }

    #[test]
    fn a_clock_within_the_bound_is_followed_forwards_and_backwards() {
        let belief = at_noon();
        for at in [noon().plus(BOUND_DEFAULT), noon(), before(noon(), HOUR), noon().plus(HOUR)] {
            assert_eq!(belief.now(at), at);
            assert!(!belief.is_doubting());
        }
    }

    #[test]
    fn a_jump_is_held_at_the_pace_of_the_machine_until_it_is_set_right() {
        for wrong in [noon().plus(YEARS), before(noon(), YEARS)] {
            let belief = at_noon();
            assert_eq!(belief.now(wrong), noon());
            assert!(belief.is_doubting());
            assert_eq!(belief.now(wrong.plus(HOUR)), noon().plus(HOUR));
            // Another jump of a clock that is not believed is no better.
            let later = wrong.plus(YEARS).plus(YEARS);
            assert_eq!(belief.now(later), noon().plus(HOUR));
            let right = noon().plus(HOUR).plus(HOUR);
            assert_eq!(belief.now(right), right);
            assert!(!belief.is_doubting());
        }
    }

    #[test]
    fn a_long_sleep_is_a_long_pause_and_no_jump() {
        let belief = at_noon();
        let morning = noon().plus(Duration::from_hours(30 * 24));
        assert_eq!(belief.now(morning), morning);
    }

    #[test]
    fn a_start_goes_by_the_record_and_an_operator_overrules_it() {
        let belief = Belief::new();
        belief.compare(noon().plus(YEARS), noon());
        assert_eq!(belief.now(noon().plus(YEARS).plus(HOUR)), noon().plus(HOUR));
        // The record moves on with the servers, which changes nothing.
        belief.compare(noon().plus(YEARS).plus(HOUR), noon().plus(HOUR));
        assert!(belief.is_doubting());
        let accepted = noon().plus(YEARS).plus(HOUR);
        belief.compare(accepted, accepted);
        assert_eq!(belief.now(accepted.plus(HOUR)), accepted.plus(HOUR));
        assert!(!belief.is_doubting());
    }

    #[test]
    fn of_two_nodes_the_one_that_is_wrong_holds_itself() {
        let (right, wrong) = (at_noon(), Belief::new());
        let ahead = |at: Timestamp| at.plus(YEARS);
        wrong.compare(ahead(noon()), noon());
        for hours in 1..1000 {
            let at = noon().plus(HOUR * hours);
            let recorded = right.now(at).max(wrong.now(ahead(at)));
            right.compare(at, recorded);
            wrong.compare(ahead(at), recorded);
            assert_eq!((right.now(at), wrong.now(ahead(at))), (at, at));
            assert!(!right.is_doubting() && wrong.is_doubting());
        }
    }

    proptest! {
        #[test]
        fn the_servers_clock_never_jumps_by_more_than_the_bound(
            machine in prop::collection::vec(0_i64..4_000_000_000_000_000, 1..50),
        ) {
            let belief = Belief::new();
            let mut last = belief.now(instant(machine[0]));
            for at in machine {
                let now = belief.now(instant(at));
                let moved = now.since(last).max(last.since(now));
                prop_assert!(moved <= BOUND_DEFAULT + Duration::from_secs(1), "{last} to {now}");
                last = now;
            }
        }
    }
}
