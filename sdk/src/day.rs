//! Days of the program's calendar.

use crate::Failure;
use jiff::{Span, civil};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::ops::Deref;

/// A day of the program's calendar, written `2026-11-22`.
///
/// It dereferences to the [`jiff::civil::Date`] inside it. It is a separate type because jiff's
/// text formats cover all of ISO 8601 and time zones, which would make up half of a plugin's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// The last day of the calendar, 31 December 9999.
    pub const MAX: Self = Self(civil::Date::MAX);

    /// A day. Fails with `outside-calendar` if there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, Failure> {
        Ok(Self(civil::Date::new(year, month, day)?))
    }

    /// The day that many days later, or earlier if negative. Fails with `outside-calendar`.
    pub fn plus_days(self, days: i32) -> Result<Self, Failure> {
        Ok(Self(self.0.checked_add(Span::new().try_days(days)?)?))
    }

    /// The day that many months later, or earlier if negative: 31 January plus one month is the
    /// last day of February. Fails with `outside-calendar`.
    pub fn plus_months(self, months: i32) -> Result<Self, Failure> {
        Ok(Self(self.0.checked_add(Span::new().try_months(months)?)?))
    }

    /// How many days later the other day is; negative if it is earlier.
    pub fn days_until(self, other: Self) -> i32 {
        let days = self.0.duration_until(other.0).as_hours() / 24;
        i32::try_from(days).expect("the calendar has fewer days than an i32")
    }
}

impl Deref for Date {
    type Target = civil::Date;

    fn deref(&self) -> &civil::Date {
        &self.0
    }
}

impl From<civil::Date> for Date {
    fn from(date: civil::Date) -> Self {
        Self(date)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl std::str::FromStr for Date {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let fail =
            || Failure::new("not-a-day", format!("`{text}` is not a day such as 2026-11-22"));
        let mut parts = text.splitn(3, '-').map(str::parse::<i16>);
        let mut next = || parts.next().and_then(Result::ok).ok_or_else(fail);
        let (year, month, day) = (next()?, next()?, next()?);
        match (i8::try_from(month), i8::try_from(day)) {
            (Ok(month), Ok(day)) => Self::new(year, month, day).map_err(|_| fail()),
            _ => Err(fail()),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|failure: Failure| D::Error::custom(failure.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_one_to_the_other() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        for (from, until, days) in [
            ("2026-11-22", "2026-11-22", 0),
            ("2028-02-28", "2028-03-01", 2),
            ("2026-03-01", "2026-02-28", -1),
            ("0001-01-01", "9999-12-31", 3_652_058),
        ] {
            assert_eq!(day(from).days_until(day(until)), days, "{from} to {until}");
            assert_eq!(day(from).plus_days(days).unwrap(), day(until));
        }
    }

    #[test]
    fn days_are_read_and_written_as_the_contract_has_them() {
        for day in ["2026-11-22", "0001-01-01", "9999-12-31", "2028-02-29"] {
            assert_eq!(day.parse::<Date>().unwrap().to_string(), day);
        }
        for text in
            ["", "2026", "2026-11", "2026-13-01", "2027-02-29", "2026-11-22T10:00", "-1-1-1"]
        {
            assert_eq!(text.parse::<Date>().unwrap_err().code, "not-a-day", "{text}");
        }
    }
}
