//! Days, weeks, months, quarters and years of the program's zone.

use super::ZONE;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) enum Period {
    Day,
    /// From Monday on.
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    /// As the program file calls it.
    pub(in crate::model) const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Whether two instants are in one of these.
    pub(in crate::model) fn has_both(self, one: Timestamp, other: Timestamp) -> bool {
        self.first_day(date(one)) == self.first_day(date(other))
    }

    /// The end of the one in which something is over that is over at an instant. What is over at
    /// midnight is so with the day before.
    pub(in crate::model) fn end(self, over: Timestamp) -> Timestamp {
        let first = self.first_day(date(over - Span::new().microseconds(1)));
        let length = match self {
            Self::Day => Span::new().days(1),
            Self::Week => Span::new().days(7),
            Self::Month => Span::new().months(1),
            Self::Quarter => Span::new().months(3),
            Self::Year => Span::new().years(1),
        };
        let next = first.checked_add(length).unwrap();
        next.to_zoned(zone()).unwrap().timestamp()
    }

    fn first_day(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since = day.weekday().to_monday_zero_offset();
                day.checked_sub(Span::new().days(since)).unwrap()
            }
            Self::Month => day.first_of_month(),
            Self::Quarter => {
                let since = (day.month() - 1) % 3;
                day.first_of_month().checked_sub(Span::new().months(since)).unwrap()
            }
            Self::Year => day.first_of_year(),
        }
    }
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(zone()).date()
}

fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap()
}

/// The same time of day, so many months and days later.
pub(super) fn later(at: Timestamp, span: Span) -> Timestamp {
    at.to_zoned(zone()).checked_add(span).unwrap().timestamp()
}
