//! Setting and cancelling timers.

use super::AskedBy;
use crate::Result;
use crate::operation::Operation;
use crate::runtime::RecordKey;
use crate::timers::{self, NewTimer};

#[derive(Debug)]
pub(super) enum TimerChange {
    Set(NewTimer),
    Cancel,
}

impl TimerChange {
    /// The record that the timer is to be about.
    pub(super) fn about(&self) -> Option<&RecordKey> {
        match self {
            Self::Set(timer) => timer.about.as_ref(),
            Self::Cancel => None,
        }
    }

    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        asked_by: &AskedBy,
        name: &str,
    ) -> Result<()> {
        match self {
            Self::Set(timer) => {
                timers::set(operation, &asked_by.plugin, asked_by.member, name, timer)
            }
            Self::Cancel => timers::cancel(operation, &asked_by.plugin, asked_by.member, name),
        }
    }
}
