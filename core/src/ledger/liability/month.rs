//! Calendar months of a program's time zone, on either side of its now.

use crate::{Error, Result, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt::{self, Display, Formatter};

/// A calendar month; shown as `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    pub(super) fn of(at: Timestamp, zone: &TimeZone) -> Self {
        Self(at.date_in(zone).first_of_month())
    }

    /// So many months later, or earlier when negative.
    pub(super) fn plus(self, months: i64) -> Result<Self> {
        let later = self.0.checked_add(months.months());
        later.map(Self).map_err(|_| Error::internal(format!("{self} plus {months} months")))
    }

    pub(super) fn start(self, zone: &TimeZone) -> Result<Timestamp> {
        Timestamp::start_of(self.0, zone)
    }
}

impl Display for Month {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}
