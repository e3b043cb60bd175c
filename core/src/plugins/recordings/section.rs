//! `recordings_days` of the program file.

use crate::Result;
use crate::definition::{Check, Definition};
use std::time::Duration;
use toml::Spanned;

/// Unless the file says something else.
const USUAL: u16 = 14;
const DAYS_MAX: u16 = 366;
const DAY: Duration = Duration::from_hours(24);

/// For how many days calls of plugins are kept.
#[derive(Debug)]
pub(crate) struct RecordingsDays(u16);

impl Definition {
    /// How long calls are kept.
    pub(super) fn keeps_recordings_for(&self) -> Duration {
        let RecordingsDays(days) = self.section();
        DAY * u32::from(*days)
    }

    /// Whether calls are kept at all.
    pub(super) fn keeps_recordings(&self) -> bool {
        self.section::<RecordingsDays>().0 > 0
    }
}

pub(crate) fn section(check: &Check<'_>, days: Option<Spanned<u16>>) -> Result<RecordingsDays> {
    let Some(days) = days else { return Ok(RecordingsDays(USUAL)) };
    check.within("recordings_days", &days, (0, DAYS_MAX)).map(RecordingsDays)
}
