//! Chains: what a plugin does at an event is an event again, for other plugins. So that two of them
//! cannot keep each other busy for ever, each event knows where its chain began and how many plugins
//! are between, and after so many it is told to none.

use crate::EventId;

/// So many plugins may follow from one another.
pub(crate) const DEPTH_MAX: i32 = 8;

/// Where an event stands in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The event that came from outside.
    pub(crate) root: EventId,
    /// How many plugins are between, at least 1.
    pub(crate) depth: i32,
}

impl Chain {
    /// What follows from a plugin's answer to an event, which may stand in a chain itself.
    pub(crate) fn after(event: EventId, root: Option<EventId>, depth: i32) -> Self {
        Self { root: root.unwrap_or(event), depth: depth.saturating_add(1) }
    }

    /// Whether it has come to its end.
    pub(crate) const fn is_over(self) -> bool {
        self.depth > DEPTH_MAX
    }
}
