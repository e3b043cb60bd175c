//! When points can be spent that were earned: at once, after some days, from a day on, or once
//! something has happened, such as the delivery.

use crate::definition::Check;
use crate::{Code, Error, Result, Timestamp, text};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::Deserialize;
use toml::Spanned;

const DAYS_MAX: u16 = 3660;
/// Beyond it the calendar ends.
const YEAR_MAX: i16 = 9000;

/// Until when points are pending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// They are not: they can be spent at once.
    No,
    /// So many days.
    For { days: u16 },
    /// To the beginning of a day.
    Until(Date),
    /// To an event that somebody reports, and then for so many days more.
    Event { event: String, days: u16 },
}

/// `pending` in the program file.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "pending: use \"no\" or a table of `days`, `until` and `event`")]
pub(crate) enum PendingFile {
    Word(String),
    Table(PendingTable),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingTable {
    days: Option<u16>,
    until: Option<String>,
    event: Option<String>,
}

impl Pending {
    /// Until when points are pending that are earned at `at`: not at all when absent,
    /// `Timestamp::LAST` while nobody knows.
    pub fn until(&self, at: Timestamp, zone: &TimeZone) -> Result<Option<Timestamp>> {
        let until = match self {
            Self::No => return Ok(None),
            Self::For { days } => days_after(at, *days, zone)?,
            Self::Until(day) => Timestamp::start_of(*day, zone)?,
            Self::Event { .. } => Timestamp::LAST,
        };
        Ok(Some(until).filter(|until| *until > at))
    }
}

impl Pending {
    /// The same of points to which nothing happens that somebody could report: only the days.
    pub(crate) fn without_event(self) -> Self {
        match self {
            Self::Event { days: 0, .. } => Self::No,
            Self::Event { days, .. } => Self::For { days },
            other => other,
        }
    }
}

/// The same time of the day, so many days later.
pub(crate) fn days_after(at: Timestamp, days: u16, zone: &TimeZone) -> Result<Timestamp> {
    let later: Span = i64::from(days).days();
    let later = at.instant().to_zoned(zone.clone()).checked_add(later);
    later.map(|later| later.timestamp().into()).map_err(|_| {
        Error::new(Code::InvalidInput, format!("{days} days after {at} leaves the calendar"))
    })
}

impl PendingFile {
    pub(crate) fn checked(check: &Check<'_>, file: &Spanned<Self>) -> Result<Pending> {
        let wrong = |why: &str| check.at(file.span(), &format!("pending: {why}"));
        let table = match file.get_ref() {
            Self::Word(word) if word == "no" => return Ok(Pending::No),
            Self::Word(_) => return Err(wrong("use \"no\" or a table such as { days = 14 }")),
            Self::Table(table) => table,
        };
        if table.days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
            return Err(wrong(&format!("days: use 1 to {DAYS_MAX}")));
        }
        match (table.days, &table.until, &table.event) {
            (Some(days), None, None) => Ok(Pending::For { days }),
            (None, Some(day), None) => {
                let day: Result<Date, _> = day.parse();
                match day {
                    Ok(day) if day.year() <= YEAR_MAX => Ok(Pending::Until(day)),
                    _ => Err(wrong("until: use a date such as 2026-12-24")),
                }
            }
            (days, None, Some(event)) => {
                if !text::is_slug(event) {
                    return Err(wrong("event: use an id such as \"delivered\""));
                }
                let days = days.unwrap_or_default();
                Ok(Pending::Event { event: event.clone(), days })
            }
            _ => Err(wrong("name `days`, `until`, or `event` with or without `days`")),
        }
    }
}
