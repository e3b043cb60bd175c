//! How much of each bound a plugin used.

use super::sandbox::{Most, Sandbox};
use crate::output;
use perennial_contract::limits;
use serde_json::{Value, json};

/// From this share of a bound on it is tight: a larger cart, or a longer name, may exceed it.
const TIGHT: u64 = 80;

/// The most of each, over all calls.
pub(super) struct Usage {
    component: usize,
    most: Most,
}

struct Row {
    what: &'static str,
    most: u64,
    limit: u64,
}

impl Usage {
    pub(super) const fn of(component: usize, sandbox: &Sandbox) -> Self {
        Self { component, most: sandbox.most() }
    }

    fn all(&self) -> [Row; 5] {
        let row =
            |what, most: usize, limit: usize| Row { what, most: most as u64, limit: limit as u64 };
        [
            Row { what: "fuel of the largest call", most: self.most.fuel, limit: limits::FUEL },
            row("bytes of memory", self.most.memory, limits::MEMORY),
            row("bytes of the component", self.component, limits::COMPONENT_BYTES),
            row("actions, or proposals", self.most.items, limits::ACTIONS),
            row("log lines of a call", self.most.log_lines, limits::LOG_LINES),
        ]
    }

    pub(super) fn table(&self) -> String {
        let line = |row: &Row| {
            let Row { what, most, limit } = row;
            format!("    {what:<26} {most:>10} of {limit:>10} {:>4} %", row.share())
        };
        self.all().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn rows(&self) -> Vec<Value> {
        let row = |row: &Row| {
            json!({
                "what": row.what, "most": row.most, "limit": row.limit, "percent": row.share(),
            })
        };
        self.all().iter().map(row).collect()
    }

    /// What is within its bound, and not far from it, is no failure and worth knowing.
    pub(super) fn warn(&self, plugin: &str) {
        for row in self.all().iter().filter(|row| row.share() >= TIGHT) {
            let Row { what, most, limit } = row;
            output::note(format!("warning: {plugin}: {what}: {most} of {limit} is tight"));
        }
    }
}

impl Row {
    /// In per cent, rounded up: what is used is never nothing.
    const fn share(&self) -> u64 {
        self.most.saturating_mul(100).div_ceil(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn a_share_is_never_smaller_than_it_is() {
        for (most, share) in [(0, 0), (1, 2), (40, 80), (41, 82), (50, 100), (51, 102)] {
            assert_eq!(Row { what: "", most, limit: 50 }.share(), share);
        }
    }
}
