//! Setting and cancelling timers.

use super::AskedBy;
use crate::Result;
use crate::operation::Operation;
use crate::runtime::{RecordKey, TimerKey};
use crate::timers::{self, NewTimer};

#[derive(Debug)]
pub(super) struct TimerChange {
    pub(super) key: TimerKey,
    /// None cancels it.
    pub(super) to: Option<NewTimer>,
}

impl TimerChange {
    /// The record that the timer is to be about.
    pub(super) fn about(&self) -> Option<&RecordKey> {
        self.key.about.as_ref().filter(|_| self.to.is_some())
    }

    pub(super) fn apply(&self, operation: &mut Operation<'_>, asked_by: &AskedBy) -> Result<()> {
        let Self { key, to } = self;
        match to {
            Some(timer) => timers::set(operation, &asked_by.plugin, asked_by.member, key, timer),
            None => timers::cancel(operation, &asked_by.plugin, asked_by.member, key),
        }
    }
}
