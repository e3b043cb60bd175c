//! What a call carries along: the memory limit, the log, the ticks used, and where questions go.

use crate::limits::{self, Limits};
use crate::look_ups::Asking;
use perennial_contract::form;
use wasmtime::{Engine, ResourceLimiter, Result, Store};

/// How the SDK's panic hook begins.
const PANIC: &str = "panicked at ";

/// The data of a call's store.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) log: Log,
    pub(crate) ticks: u32,
    /// Where its questions go, while it is called.
    pub(crate) asking: Option<Asking>,
    memory: MemoryLimit,
}

/// Lines that the guest wrote, bounded in number and length.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: Vec<String>,
    dropped: u64,
    /// Of a panic that came when no line was left.
    panic: Option<String>,
}

/// What the guest may have, and how much of it it has.
#[derive(Debug, Default)]
struct MemoryLimit {
    /// Bytes of all its memories. None ever shrinks.
    bytes: usize,
}

/// The guest asked for more memory, or a larger table, than it may have.
#[derive(Debug)]
pub(crate) struct MemoryExhausted {
    desired: usize,
    unit: &'static str,
    limit: usize,
}

/// A store that stops the guest when its fuel or its ticks are used up. It never yields: see `call`
/// for that.
pub(crate) fn store(engine: &Engine, limits: &Limits) -> Result<Store<State>> {
    let mut store = Store::new(engine, State::default());
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(limits::PASSED_BYTES);
    store.set_fuel(limits.fuel)?;
    store.set_epoch_deadline(u64::from(limits.ticks));
    Ok(store)
}

impl State {
    /// The bytes of memory that the guest has.
    pub(crate) const fn memory(&self) -> usize {
        self.memory.bytes
    }
}

impl Log {
    pub(crate) fn push(&mut self, level: &str, message: &str) {
        if self.lines.len() < limits::LOG_LINES {
            self.lines.push(form::log_line(level, message));
        } else if level == "error" && message.starts_with(PANIC) {
            // Why the guest stopped is what whoever reads the log looks for.
            self.panic = Some(form::log_line(level, message));
        } else {
            self.dropped += 1;
        }
    }

    /// The lines, if some were dropped one that says so, and last why the guest panicked.
    pub(crate) fn into_lines(mut self) -> Vec<String> {
        if self.dropped > 0 {
            self.lines.push(format!("warn: {} further lines were dropped", self.dropped));
        }
        self.lines.extend(self.panic);
        self.lines
    }

    /// What the SDK's panic hook wrote, if the guest panicked.
    pub(crate) fn panic(&self) -> Option<&str> {
        panic_in(self.panic.as_ref().or(self.lines.last())?)
    }
}

fn panic_in(line: &str) -> Option<&str> {
    line.strip_prefix("error: ").filter(|line| line.starts_with(PANIC))
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, now: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let of_all = self.bytes.saturating_add(desired.saturating_sub(now));
        let grows = within(of_all, limits::MEMORY, "bytes of memory")?;
        self.bytes = of_all;
        Ok(grows)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        within(desired, limits::TABLE_ELEMENTS, "table elements")
    }

    fn memories(&self) -> usize {
        limits::MEMORIES as usize
    }

    fn tables(&self) -> usize {
        limits::CORE_INSTANCES as usize
    }

    fn instances(&self) -> usize {
        // The component itself counts as well.
        limits::CORE_INSTANCES as usize + 1
    }
}

/// An error rather than a refusal: a refusal would reach the guest's allocator, which aborts
/// without saying why.
fn within(desired: usize, limit: usize, unit: &'static str) -> Result<bool> {
    if desired > limit { Err(MemoryExhausted { desired, unit, limit }.into()) } else { Ok(true) }
}

impl std::fmt::Display for MemoryExhausted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "asked for {} {}; at most {} are allowed", self.desired, self.unit, self.limit)
    }
}

impl std::error::Error for MemoryExhausted {}

#[cfg(test)]
mod tests {
    use super::*;
    use perennial_contract::limits::LOG_LINE_BYTES;

    #[test]
    fn the_log_keeps_the_first_lines_cuts_long_ones_and_says_what_it_dropped() {
        let mut log = Log::default();
        log.push("info", &"ü".repeat(LOG_LINE_BYTES));
        log.push("warn", "one\nerror: forged\0");
        for _ in 0..100 {
            log.push("debug", "again");
        }
        let lines = log.into_lines();
        assert_eq!(lines.len(), limits::LOG_LINES + 1);
        assert_eq!(lines[0].len(), "info: ".len() + LOG_LINE_BYTES + "…".len());
        assert_eq!(lines[1], "warn: one error: forged ");
        assert_eq!(lines[limits::LOG_LINES], "warn: 52 further lines were dropped");
    }

    #[test]
    fn all_memories_of_a_guest_have_one_bound() {
        const PAGE: usize = 64 << 10;
        let mut limit = MemoryLimit::default();
        let (large, small) = (limits::MEMORY - 2 * PAGE, 2 * PAGE);
        assert!(limit.memory_growing(0, large, None).unwrap());
        assert!(limit.memory_growing(0, PAGE, None).unwrap());
        assert!(limit.memory_growing(PAGE, small, None).unwrap());
        assert_eq!(limit.bytes, limits::MEMORY);
        let error = limit.memory_growing(small, small + PAGE, None).unwrap_err();
        let asked = limits::MEMORY + PAGE;
        assert!(error.to_string().contains(&format!("asked for {asked} bytes of memory")));
    }

    #[test]
    fn why_the_guest_panicked_is_kept_whatever_it_logged_before() {
        let mut log = Log::default();
        for _ in 0..60 {
            log.push("error", "again");
        }
        log.push("error", "panicked at src/lib.rs:1:1: the sky is falling");
        assert_eq!(log.panic(), Some("panicked at src/lib.rs:1:1: the sky is falling"));
        let lines = log.into_lines();
        assert_eq!(lines[limits::LOG_LINES], "warn: 10 further lines were dropped");
        assert_eq!(
            lines[limits::LOG_LINES + 1],
            "error: panicked at src/lib.rs:1:1: the sky is falling"
        );
    }
}
