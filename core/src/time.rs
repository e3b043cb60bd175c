//! Instants. Stored as microseconds since the epoch, the same number on every
//! database, so that a value read back equals the value written; see
//! `docs/decisions/0002-instants-are-microseconds.md`.

use crate::{Code, Error};
use jiff::{Unit, civil::Date, tz::TimeZone};
use perennial_contract::time;
use sea_orm::prelude::DeriveValueType;
use std::time::Duration;

/// An instant in UTC with microsecond precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const EPOCH: Self = Self(0);
    /// Before every instant.
    pub(crate) const FIRST: Self = Self(i64::MIN);
    /// The last whole second of the calendar.
    pub(crate) const LAST: Self = Self(253_402_207_200_000_000);

    /// The instant `microseconds` after 1970-01-01T00:00:00Z; fails outside the years -9999..=9999.
    pub fn from_microseconds(microseconds: i64) -> Result<Self, Error> {
        jiff::Timestamp::from_microsecond(microseconds).map(Self::from).map_err(|_| {
            Error::new(Code::InvalidInput, format!("{microseconds} µs is outside the calendar"))
        })
    }

    pub const fn microseconds(self) -> i64 {
        self.0
    }

    pub fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0)
            .expect("only constructed from instants inside the calendar")
    }

    /// This much later, at most the end of the calendar.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(microseconds)).min(Self::LAST)
    }

    /// This much earlier, at least the epoch.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(microseconds)).max(Self::EPOCH)
    }

    /// How much later than `earlier` this is; nothing if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        let microseconds = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(microseconds).unwrap_or_default())
    }

    /// The day that this instant falls on in `zone`.
    pub fn date_in(self, zone: &TimeZone) -> Date {
        time::date_in(self.instant(), zone)
    }

    /// The first instant of `date` in `zone`; where a clock change skips midnight, the first
    /// instant after the gap.
    pub fn start_of(date: Date, zone: &TimeZone) -> Result<Self, Error> {
        time::start_of(date, zone)
            .map(Self::from)
            .map_err(|why| Error::new(Code::InvalidInput, why))
    }

    /// Adds whole calendar months in `zone`: 31 January plus one month is the last day of February,
    /// same time of day.
    pub fn plus_months(self, months: u32, zone: &TimeZone) -> Result<Self, Error> {
        self.instant()
            .to_zoned(zone.clone())
            .checked_add(jiff::Span::new().months(i64::from(months)))
            .map(|later| later.timestamp().into())
            .map_err(|_| {
                Error::new(
                    Code::InvalidInput,
                    format!("{self} plus {months} months leaves the calendar"),
                )
            })
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        let rounded = instant.round(Unit::Microsecond).unwrap_or(instant);
        // The calendar ends with a fraction of a second that microseconds cannot be read back from.
        Self(rounded.as_microsecond()).min(Self::LAST)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.instant().fmt(f)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse::<jiff::Timestamp>().map(Self::from).map_err(|_| {
            Error::new(
                Code::InvalidInput,
                format!("`{text}` is not an instant such as 2026-11-22T10:00:00Z"),
            )
        })
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_added_up_to_the_end_of_the_calendar_and_never_counted_backwards() {
        let noon: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        let later = noon.plus(Duration::from_millis(1500));
        assert_eq!(later.to_string(), "2026-01-31T12:00:01.5Z");
        assert_eq!(later.since(noon), Duration::from_millis(1500));
        assert_eq!(noon.since(later), Duration::ZERO);
        assert_eq!(noon.plus(Duration::MAX).to_string(), "9999-12-30T22:00:00Z");
        let last: Timestamp = "9999-12-30T22:00:00.9Z".parse().unwrap();
        assert_eq!(last.to_string(), "9999-12-30T22:00:00Z");
    }

    #[test]
    fn calendar_arithmetic_follows_the_zone() {
        let new_york = TimeZone::get("America/New_York").unwrap();
        let winter: Timestamp = "2026-01-31T05:00:00Z".parse().unwrap();
        assert_eq!(winter.date_in(&new_york).to_string(), "2026-01-31");
        assert_eq!(winter.plus_months(1, &new_york).unwrap().to_string(), "2026-02-28T05:00:00Z");
        // Midnight moves from 05:00 to 04:00 UTC with daylight saving time.
        assert_eq!(winter.plus_months(3, &new_york).unwrap().to_string(), "2026-04-30T04:00:00Z");
        let day = "2026-07-01".parse().unwrap();
        assert_eq!(
            Timestamp::start_of(day, &new_york).unwrap().to_string(),
            "2026-07-01T04:00:00Z"
        );
    }
}
