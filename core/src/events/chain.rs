//! Chains: what a plugin does at an event is an event again, for other plugins. So that two of them
//! cannot keep each other busy for ever, each event knows where its chain began and how many plugins
//! are between, and after so many it is told to none.

use crate::EventId;

/// So many plugins may follow from one another.
pub(crate) const DEPTH_MAX: i32 = 8;

/// So many plugins in a row may raise events. An answer raises up to eight, each of which all others may
/// answer, so what becomes of one event from outside grows by powers of this: with three plugins that do
/// their worst it is 136 events, and 6,552 if three in a row may.
pub(crate) const RAISING_DEPTH_MAX: i32 = 2;

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

    /// Whether a plugin that answers in it may raise events of its own.
    pub(crate) const fn may_raise(self) -> bool {
        self.depth <= RAISING_DEPTH_MAX
    }

    /// Whether it has come to its end.
    pub(crate) const fn is_over(self) -> bool {
        self.depth > DEPTH_MAX
    }
}
