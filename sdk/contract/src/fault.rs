//! A completed call, and why another gave no usable answer.

use serde::{Deserialize, Serialize};

/// A completed call and what it cost.
#[derive(Clone, Debug)]
pub struct Run<T> {
    pub output: T,
    /// Instructions' worth of work, the same number on every run of the same call.
    pub fuel: u64,
    /// The most bytes of memory that it had.
    pub memory: usize,
    /// `level: message`, in order, bounded.
    pub log: Vec<String>,
}

/// Why a call gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FaultKind {
    /// The guest stopped itself: a panic, a division by zero, an impossible branch.
    Trap,
    /// It used up its instructions: a loop without end.
    OutOfFuel,
    /// It took too long by the wall clock; unlike the others this can depend on the machine, so it
    /// is tried again.
    Timeout,
    /// It wanted more memory than it may have.
    OutOfMemory,
    /// It answered with something that is not an answer: broken JSON, too many actions, a key used
    /// twice, an instant outside the calendar.
    Garbage,
    /// It asked for what its manifest or the program does not allow.
    NotAllowed,
    /// It refused in its own words.
    Refused,
    /// Its file is not what was installed, or nothing that runs: it can be asked nothing.
    Damaged,
    /// The host could not run it, through no fault of the plugin.
    Host,
}

impl FaultKind {
    /// As it is stored and shown, such as `OUT_OF_FUEL`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trap => "TRAP",
            Self::OutOfFuel => "OUT_OF_FUEL",
            Self::Timeout => "TIMEOUT",
            Self::OutOfMemory => "OUT_OF_MEMORY",
            Self::Garbage => "GARBAGE",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::Refused => "REFUSED",
            Self::Damaged => "DAMAGED",
            Self::Host => "HOST",
        }
    }

    /// Whether it says nothing of what the plugin does.
    #[must_use]
    pub const fn is_of_host(self) -> bool {
        matches!(self, Self::Damaged | Self::Host)
    }
}

/// A failed call. `message` names what happened in words fit for the operator.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: FaultKind,
    pub message: String,
    pub log: Vec<String>,
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), log: Vec::new() }
    }

    /// Names the plugin and the hook that failed.
    pub fn of_call(kind: FaultKind, plugin: &str, hook: &str, why: &str) -> Self {
        Self::new(kind, format!("plugin `{plugin}`, {hook}: {why}"))
    }

    /// That an answer to an event asks for what the plugin may not have.
    pub fn not_allowed(plugin: &str, why: &str) -> Self {
        Self::of_call(FaultKind::NotAllowed, plugin, "on-event", why)
    }

    /// What the guest logged, without the panic that the message tells.
    pub fn logged(&self) -> impl Iterator<Item = &str> {
        logged(&self.message, &self.log)
    }

    /// Adds what the guest logged before it failed.
    #[must_use]
    pub fn with_log(mut self, log: Vec<String>) -> Self {
        self.log = log;
        self
    }
}

/// The lines of a log that say something which the message of the fault does not: a panic is both.
pub fn logged<'l>(message: &'l str, log: &'l [String]) -> impl Iterator<Item = &'l str> {
    let is_told = |line: &&str| {
        let panic = line.strip_prefix("error: ").filter(|it| it.starts_with("panicked at "));
        panic.is_some_and(|panic| message.contains(panic))
    };
    log.iter().map(String::as_str).filter(move |line| !is_told(line))
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::logged;

    #[test]
    fn a_panic_is_told_once() {
        let panic = "panicked at src/lib.rs:1:1: the sky is falling";
        let log = ["info: begun".to_owned(), format!("error: {panic}")];
        let said = |message: &str| logged(message, &log).count();
        assert_eq!(said(&format!("plugin `tea`, on-event: {panic}")), 1);
        assert_eq!(said("plugin `tea`, on-event: used up its fuel"), 2);
    }
}
