//! Setting and cancelling timers.

use super::{Asked, AskedBy, require};
use crate::operation::Operation;
use crate::runtime::{Due, RecordKey};
use crate::timers::{self, NewTimer};
use crate::{Result, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// The least time from the firing of a timer to the next that the plugin sets because of it: an
/// hour.
const STEP: Duration = Duration::from_hours(1);

#[derive(Debug)]
pub(super) enum TimerChange {
    Set(NewTimer),
    Cancel,
}

impl TimerChange {
    pub(super) fn plan_set(
        asked: &Asked<'_>,
        due: &Due,
        data: Value,
        about: Option<RecordKey>,
    ) -> Result<Self, String> {
        let manifest = &asked.plugin.component.manifest;
        require(manifest.capabilities.timers, "timers")?;
        if let Some(about) = &about
            && !manifest.records.contains_key(&about.record_type)
        {
            return Err(format!("the plugin declares no record type `{}`", about.record_type));
        }
        let due_at = due_at(asked, due).map_err(|error| error.message().to_owned())?;
        // What comes at once goes on with the chain; what takes its time begins anew.
        let is_at_once = due_at < asked.occurred_at.plus(STEP);
        let chain = is_at_once.then_some(asked.chain);
        Ok(Self::Set(NewTimer { due_at, data, about, chain }))
    }

    pub(super) fn plan_cancel(asked: &Asked<'_>) -> Result<Self, String> {
        require(asked.plugin.component.manifest.capabilities.timers, "timers")?;
        Ok(Self::Cancel)
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

/// A timer that sets itself again takes its time, so that no plugin can keep a program from coming
/// to rest.
fn due_at(asked: &Asked<'_>, due: &Due) -> Result<Timestamp> {
    let due_at = match due {
        Due::At(instant) => *instant,
        Due::On(date) => Timestamp::start_of(*date, &asked.program.definition.zone)?,
    };
    if asked.event_name != "timer-fired" {
        return Ok(due_at);
    }
    Ok(due_at.max(asked.occurred_at.plus(STEP)))
}
