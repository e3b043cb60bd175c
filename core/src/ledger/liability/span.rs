//! The months of a report.

use super::{AHEAD, Month};
use crate::context::Program;
use crate::{Result, Timestamp};

/// The months that are told apart.
#[derive(Debug)]
pub(super) struct Span {
    /// Oldest first, and one after those in which something expires.
    pub(super) months: Vec<Month>,
    /// When each begins.
    pub(super) starts: Vec<Timestamp>,
    /// How many are over, so the index of the current one.
    pub(super) past: usize,
}

impl Span {
    /// The current month as the last of `months`, and those that come.
    pub(super) fn of(program: &Program, months: u16) -> Result<Self> {
        let zone = &program.definition.zone;
        let current = Month::of(program.now, zone);
        let months_past = months.saturating_sub(1);
        let past = i64::from(months_past);
        let months: Vec<_> =
            (-past..=i64::from(AHEAD)).map(|months| current.plus(months)).collect::<Result<_>>()?;
        let starts = months.iter().map(|month| month.start(zone)).collect::<Result<_>>()?;
        Ok(Self { months, starts, past: usize::from(months_past) })
    }
}
