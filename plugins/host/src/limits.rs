//! Every limit on what a plugin may use or return, by name. `sdk/README.md` lists them for
//! partners.

use std::time::Duration;

/// Units of fuel, about one per WebAssembly instruction, that one call may use. A purchase handled
/// by the bundled plugins takes well under a hundredth of it.
pub(crate) const FUEL: u64 = 50_000_000;
/// After this much work the guest lets other tasks run; about a tenth of a millisecond to a
/// millisecond.
pub(crate) const FUEL_BETWEEN_YIELDS: u64 = 2_000_000;
/// How often the wall clock is checked.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Wall-clock ticks that one call may spend inside the guest; the backstop behind `FUEL`.
pub(crate) const TICKS: u32 = 10;
/// For the start of an instance, and again until its answer, waits included; the backstop behind
/// `TICKS`.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a call waits for a free slot before it fails.
pub(crate) const SLOT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a guest's linear memory.
pub(crate) const MEMORY: usize = 16 << 20;
pub(crate) const TABLE_ELEMENTS: usize = 10_000;
/// Bytes of WebAssembly stack. The guest's own stack, inside its memory, is set by `build`.
pub(crate) const STACK: usize = 512 << 10;
/// The host's stack below a guest; has to exceed `STACK`.
pub(crate) const ASYNC_STACK: usize = 1 << 20;
/// Bytes that the guest may pass to the host at once: its answer, or one log line.
pub(crate) const HOSTCALL_FUEL: usize = 1 << 20;

/// Instances at the same time; further calls wait for a free slot.
pub(crate) const SLOTS: u32 = 64;
/// Core modules in a component: the guest, and the shims that `wit-component` adds.
pub(crate) const CORE_INSTANCES: u32 = 8;
/// Compiled components kept in memory; the least recently used is dropped first.
pub(crate) const COMPILED: usize = 64;
pub const COMPONENT_BYTES: usize = 1 << 20;

pub(crate) const LOG_LINES: usize = 50;
pub(crate) const LOG_LINE_BYTES: usize = 1 << 10;

pub(crate) const ACTIONS: usize = 64;
pub(crate) const PROPOSALS: usize = 64;
pub(crate) const PARAMETERS: usize = 32;
/// Keys, names and identifiers.
pub(crate) const NAME_BYTES: usize = 512;
/// Reasons, parameters and refusals.
pub(crate) const TEXT_BYTES: usize = 2 << 10;
/// State, timer data and record data, each.
pub(crate) const JSON_BYTES: usize = 64 << 10;

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
