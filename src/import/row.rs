//! A purchase as a file states it, or why a row is not one.

use jiff::{
    civil::{Date, DateTime},
    fmt::strtime,
    tz::TimeZone,
};
use perennial_core::{Code, Currency, Error, Result, Timestamp};

/// The longest excerpt of a bad value that is kept.
const VALUE_CHARS_MAX: usize = 200;

/// One purchase of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line that the row begins on, from 1.
    pub(crate) line: u64,
    /// The member's external id.
    pub(crate) member: String,
    pub(crate) reference: String,
    pub(crate) when: When,
    /// Decimal text, zero or more; its currency says how many decimals it may have.
    pub(crate) amount: String,
    /// The program's when absent.
    pub(crate) currency: Option<Currency>,
    pub(crate) sku: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) quantity: u32,
}

/// When it was bought, as exactly as the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Date(Date),
    /// Wall-clock time in the program's time zone.
    Local(DateTime),
    Instant(Timestamp),
}

/// Why a row was refused, with its line, for the error file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowError {
    pub(crate) line: u64,
    /// As the file calls it: the header's name, the number or the key; empty when it is the row as
    /// a whole.
    pub(crate) column: String,
    pub(crate) code: Code,
    pub(crate) reason: String,
    pub(crate) value: String,
}

impl Row {
    /// The answer of a service that refused this row, as an error of the row.
    pub(crate) fn refused(&self, error: &Error) -> RowError {
        RowError::new(self.line, error.code(), error.message())
            .about(error.field().unwrap_or_default(), &self.reference)
    }
}

impl When {
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

impl RowError {
    pub(super) fn new(line: u64, code: Code, reason: impl Into<String>) -> Self {
        let (column, value) = (String::new(), String::new());
        Self { line, column, code, reason: reason.into(), value }
    }

    /// Names the column and shows the beginning of what stood there.
    pub(super) fn about(mut self, column: &str, value: &str) -> Self {
        column.clone_into(&mut self.column);
        self.value = value.chars().take(VALUE_CHARS_MAX).collect();
        self
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
