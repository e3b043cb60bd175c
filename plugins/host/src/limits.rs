//! Every limit on what a plugin may use. Those that an author can meet are the contract's; here are
//! those that only the host knows.

use perennial_contract::limits;
pub(crate) use perennial_contract::limits::{
    CALL_TIMEOUT, COMPONENT_BYTES, FUEL, GUEST_STACK, LOG_LINES, MEMORY, PASSED_BYTES, STACK,
};
use std::time::Duration;

/// After this much work the guest lets other tasks run; about a tenth of a millisecond to a
/// millisecond.
pub(crate) const FUEL_BETWEEN_YIELDS: u64 = 2_000_000;
/// Wall-clock ticks that one call may spend inside the guest; the backstop behind `FUEL`.
pub(crate) const TICKS: u32 = 10;
/// How often the wall clock is checked.
pub(crate) const TICK: Duration = limits::GUEST_TIME.checked_div(TICKS).expect("a tick or more");
/// How long a call waits for a free slot before it fails.
pub(crate) const SLOT_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) const TABLE_ELEMENTS: usize = 10_000;
/// The host's stack below a guest; has to exceed `STACK`.
pub(crate) const ASYNC_STACK: usize = 1 << 20;

/// Instances at the same time; further calls wait for a free slot.
pub(crate) const SLOTS: u32 = 64;
/// Core modules in a component: the guest, the shims that `wit-component` adds, and what stands in for
/// imports that a language's runtime has and a plugin has not.
pub(crate) const CORE_INSTANCES: u32 = 16;
/// Memories of a component: the guest's, and those of what stands in. `MEMORY` is for all of them.
pub(crate) const MEMORIES: u32 = 3;
/// Compiled components kept in memory; the least recently used is dropped first.
pub(crate) const COMPILED: usize = 64;

/// The limits that differ between a server and a test of the limits themselves.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Units of fuel that one call may use.
    pub fuel: u64,
    /// Ticks of 10 ms that a call may spend inside the guest.
    pub ticks: u32,
    /// Instances at the same time.
    pub slots: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fuel: FUEL, ticks: TICKS, slots: SLOTS }
    }
}
