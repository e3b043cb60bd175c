//! When something happened, as a file states it.

use super::cells::Value;
use super::lines::Place;
use super::row_error::Outcome;
use super::source::Source;
use jiff::{
    civil::{Date, DateTime},
    fmt::strtime,
    tz::TimeZone,
};
use perennial_core::{Code, Error, Result, Timestamp};

/// When it happened, as exactly as the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Date(Date),
    /// Wall-clock time in the program's time zone.
    Local(DateTime),
    Instant(Timestamp),
}

impl When {
    /// Reads the value of a column, which `format` describes as for [`When::parse`].
    pub(super) fn of(
        source: &Source,
        place: Place,
        value: &Value<'_>,
        format: Option<&str>,
    ) -> Outcome<Self> {
        Self::parse(&value.text, format).ok_or_else(|| {
            let expected = format.unwrap_or("2026-11-22 or 2026-11-22T10:00:00Z");
            source.refused(place, format!("is not a date like {expected}"))
        })
    }

    /// Reads a date or an instant; `format` is strptime's, and without one RFC 3339 is expected.
    pub(super) fn parse(text: &str, format: Option<&str>) -> Option<Self> {
        let Some(format) = format else {
            let is_date = text.len() == "2026-11-22".len();
            return if is_date {
                text.parse().ok().map(Self::Date)
            } else {
                text.parse().ok().map(Self::Instant)
            };
        };
        let parsed = strtime::parse(format, text).ok()?;
        if let Ok(instant) = parsed.to_timestamp() {
            return Some(Self::Instant(instant.into()));
        }
        if parsed.hour().is_some() {
            return parsed.to_datetime().ok().map(Self::Local);
        }
        parsed.to_date().ok().map(Self::Date)
    }

    /// The instant meant; a date stands for its first instant in `zone`.
    pub(crate) fn instant(self, zone: &TimeZone) -> Result<Timestamp> {
        match self {
            Self::Date(date) => Timestamp::start_of(date, zone),
            Self::Local(local) => local
                .to_zoned(zone.clone())
                .map(|zoned| zoned.timestamp().into())
                .map_err(|_| Error::new(Code::InvalidInput, "the date is outside the calendar")),
            Self::Instant(instant) => Ok(instant),
        }
    }

    /// The instant at which something ends that is over with it; a date is over with its last
    /// instant in `zone`.
    pub(crate) fn end(self, zone: &TimeZone) -> Result<Timestamp> {
        match self {
            Self::Date(date) => {
                let next = date.tomorrow().map_err(|_| {
                    Error::new(Code::InvalidInput, "the date is outside the calendar")
                })?;
                Timestamp::start_of(next, zone)
            }
            Self::Local(_) | Self::Instant(_) => self.instant(zone),
        }
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::Local(local) => local.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_instants_are_told_apart() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = |text, format| When::parse(text, format).map(|when| when.instant(&zone).unwrap());
        let shown = |text, format| at(text, format).map(|instant| instant.to_string());
        assert_eq!(shown("2026-07-01", None).unwrap(), "2026-07-01T04:00:00Z");
        assert_eq!(shown("2026-07-01T10:00:00+02:00", None).unwrap(), "2026-07-01T08:00:00Z");
        assert_eq!(shown("19970101", Some("%Y%m%d")).unwrap(), "1997-01-01T05:00:00Z");
        let local = Some("%d.%m.%Y %H:%M");
        assert_eq!(shown("01.07.2026 10:00", local).unwrap(), "2026-07-01T14:00:00Z");
        let offset = Some("%Y-%m-%d %H:%M:%S %z");
        assert_eq!(shown("2026-07-01 10:00:00 +0000", offset).unwrap(), "2026-07-01T10:00:00Z");
        for text in ["", "2026-02-30", "20260701", "1.7.2026", "2026-07-01T10:00:00"] {
            assert_eq!(When::parse(text, None), None, "{text}");
        }
        assert_eq!(When::parse("19970230", Some("%Y%m%d")), None);
    }
}
