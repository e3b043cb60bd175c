//! From what wasmtime reports to what the operator reads.

use crate::limits::{self, Limits};
use crate::look_ups::{NotPermitted, Unanswered};
use crate::state::{Log, MemoryExhausted};
use perennial_contract::form;
use perennial_core::plugins::FaultKind;
use wasmtime::{Error, PoolConcurrencyLimitError, Trap};

/// What went wrong while the guest ran.
pub(crate) fn of_call(error: &Error, log: &Log, limits: &Limits) -> (FaultKind, String) {
    if let Some(exhausted) = error.downcast_ref::<MemoryExhausted>() {
        return (FaultKind::OutOfMemory, exhausted.to_string());
    }
    if let Some(NotPermitted(why)) = error.downcast_ref() {
        return (FaultKind::NotAllowed, why.clone());
    }
    if let Some(Unanswered(fault)) = error.downcast_ref() {
        return (fault.kind, format!("what it looked up: {}", fault.message));
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            let why = format!(
                "used up its {} units of fuel: a loop without end? What a call may do is in the \
                 SDK's README, under \"The sandbox\"",
                limits.fuel
            );
            (FaultKind::OutOfFuel, why)
        }
        Some(Trap::Interrupt) => {
            let ms = limits::TICK.as_millis() * u128::from(limits.ticks);
            (FaultKind::Timeout, format!("ran for more than {ms} ms"))
        }
        Some(Trap::StackOverflow) => {
            let kib = limits::STACK >> 10;
            (FaultKind::Trap, format!("overflowed its stack of {kib} KiB: endless recursion?"))
        }
        // The guest's own stack lies at the start of its memory: overflowing it reads before the
        // beginning.
        Some(Trap::MemoryOutOfBounds) if log.panic().is_none() => (
            FaultKind::Trap,
            "accessed memory outside its own: endless recursion, or a wrong pointer?".to_owned(),
        ),
        Some(trap) => (FaultKind::Trap, log.panic().map_or_else(|| trap.to_string(), hinted)),
        // All that is left is an answer that breaks the contract's encoding: too large, not UTF-8,
        // no such case.
        None if is_oversized(error) => (FaultKind::Garbage, form::oversized()),
        None => (FaultKind::Garbage, format!("broke the contract: {}", error.root_cause())),
    }
}

/// What went wrong before the guest was asked anything.
pub(crate) fn of_instantiation(error: &Error, log: &Log, limits: &Limits) -> (FaultKind, String) {
    let guests = error.is::<Trap>() || error.is::<MemoryExhausted>() || error.is::<NotPermitted>();
    if guests && !error.is::<PoolConcurrencyLimitError>() {
        return of_call(error, log, limits);
    }
    (FaultKind::Host, format!("could not be instantiated: {error:#}"))
}

/// What the panic says, and what to do if it asked for the time, which there is none of.
fn hinted(panic: &str) -> String {
    if panic.contains("time not implemented on this platform") {
        return format!("{panic}: a plugin has no clock, the time of the call is `cx.now`");
    }
    panic.to_owned()
}

/// wasmtime's type for this is private; a test with an oversized answer guards the text.
fn is_oversized(error: &Error) -> bool {
    error.root_cause().to_string().contains("fuel allocated for hostcalls has been exhausted")
}
