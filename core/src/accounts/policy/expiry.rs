//! How long points last: never over, some months, to the end of a day, month, quarter or year, or to
//! days of each year. Days and months are those of the program's time zone.

use crate::definition::Check;
use crate::{Error, Result, Timestamp};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};
use toml::Spanned;

pub(super) const MONTHS_MAX: u32 = 1200;
/// More days of a year than anybody remembers.
const DAYS_MAX: usize = 24;

/// How long points last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiry {
    Never,
    /// So many calendar months.
    After {
        months: u32,
        /// On to the end of the day, month, quarter or year in which that is.
        end_of: Option<Period>,
    },
    /// So many calendar months after the member was last active, and so all that the member has of
    /// the type.
    Inactive {
        months: u32,
        /// On to the end of the day, month, quarter or year in which that is.
        end_of: Option<Period>,
    },
    /// To the end of the first of some days of a year that comes after so many calendar months.
    On {
        /// In the order of the year.
        days: Vec<MonthDay>,
        months: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    Day,
    Month,
    Quarter,
    Year,
}

/// A day of every year; the last of February where there is no 29th.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    month: i8,
    day: i8,
}

/// `expiry` in the program file.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expiry: use \"never\" or a table of `after_months`, `inactive_months`, `end_of` and `on`"
)]
pub(crate) enum ExpiryFile {
    Word(String),
    Table(ExpiryTable),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpiryTable {
    after_months: Option<u32>,
    inactive_months: Option<u32>,
    end_of: Option<Period>,
    on: Option<Vec<String>>,
}

impl Expiry {
    /// Whether they last as long as the member is active.
    pub fn slides(&self) -> bool {
        matches!(self, Self::Inactive { .. })
    }

    /// When points are over that can be spent from `at` on, if the member is not active any more
    /// where that matters; never when absent.
    pub fn after(&self, at: Timestamp, zone: &TimeZone) -> Result<Option<Timestamp>> {
        match self {
            Self::Never => Ok(None),
            Self::After { months, end_of: None } | Self::Inactive { months, end_of: None } => {
                at.plus_months(*months, zone).map(Some)
            }
            Self::After { months, end_of: Some(period) }
            | Self::Inactive { months, end_of: Some(period) } => {
                let last = last_day(at, *months, zone)?;
                end_of_day(period.last_day(last)?, zone).map(Some)
            }
            Self::On { days, months } => {
                let earliest = last_day(at, *months, zone)?;
                let of_year = |year| days.iter().map(move |day| day.in_year(year));
                let coming = of_year(earliest.year()).chain(of_year(earliest.year() + 1));
                let first = coming.filter(|day| *day >= earliest).min();
                let first = first.ok_or_else(|| Error::internal("an expiry without a day"))?;
                end_of_day(first, zone).map(Some)
            }
        }
    }
}

/// The last day of which something is left `months` after `at`.
fn last_day(at: Timestamp, months: u32, zone: &TimeZone) -> Result<Date> {
    let after = at.plus_months(months, zone)?;
    let day = after.date_in(zone);
    // What would be over at midnight is over with the day before it, if that is not before `at`.
    let is_midnight = months > 0 && Timestamp::start_of(day, zone)? == after;
    if is_midnight { add(day, -1.day()) } else { Ok(day) }
}

fn end_of_day(day: Date, zone: &TimeZone) -> Result<Timestamp> {
    Timestamp::start_of(add(day, 1.day())?, zone)
}

fn add(day: Date, span: Span) -> Result<Date> {
    day.checked_add(span)
        .map_err(|_| crate::text::invalid("expiresAt", format!("{day} is at the calendar's end")))
}

impl Period {
    fn last_day(self, day: Date) -> Result<Date> {
        match self {
            Self::Day => Ok(day),
            Self::Month => Ok(day.last_of_month()),
            Self::Quarter => {
                let months_left = i64::from((12 - day.month()) % 3);
                Ok(add(day.first_of_month(), months_left.months())?.last_of_month())
            }
            Self::Year => Ok(day.last_of_year()),
        }
    }
}

impl MonthDay {
    fn in_year(self, year: i16) -> Date {
        let month = date(year, self.month, 1);
        date(year, self.month, self.day.min(month.days_in_month()))
    }
}

impl TryFrom<String> for MonthDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // A leap year has every day.
        let day: Option<Date> = format!("2024-{text}").parse().ok();
        match day {
            Some(day) if text.len() == 5 => Ok(Self { month: day.month(), day: day.day() }),
            _ => Err(format!("`{text}` is no day of a year such as 12-31")),
        }
    }
}

impl From<MonthDay> for String {
    fn from(day: MonthDay) -> Self {
        format!("{:02}-{:02}", day.month, day.day)
    }
}

impl ExpiryFile {
    /// The same of some points of a type only, such as those of a rule.
    pub(crate) fn of_some(check: &Check<'_>, file: &Spanned<Self>) -> Result<Expiry> {
        let expiry = Self::checked(check, file)?;
        if expiry.slides() {
            let why = "expiry: inactive_months: all points of a type last as long as their member is \
                       active, or none: use it in [points] or [[point_types]]";
            return Err(check.at(file.span(), why));
        }
        Ok(expiry)
    }

    pub(crate) fn checked(check: &Check<'_>, file: &Spanned<Self>) -> Result<Expiry> {
        let wrong = |why: &str| check.at(file.span(), &format!("expiry: {why}"));
        let table = match file.get_ref() {
            Self::Word(word) if word == "never" => return Ok(Expiry::Never),
            Self::Word(_) => {
                return Err(wrong("use \"never\" or a table such as { after_months = 12 }"));
            }
            Self::Table(table) => table,
        };
        if let Some(months) = table.inactive_months {
            if table.after_months.is_some() || table.on.is_some() {
                return Err(wrong("inactive_months: goes with `end_of` alone"));
            }
            if !(1..=MONTHS_MAX).contains(&months) {
                return Err(wrong(&format!("inactive_months: use 1 to {MONTHS_MAX}")));
            }
            return Ok(Expiry::Inactive { months, end_of: table.end_of });
        }
        if table.after_months.is_some_and(|months| months > MONTHS_MAX) {
            return Err(wrong(&format!("after_months: use 0 to {MONTHS_MAX}")));
        }
        let months = table.after_months.unwrap_or_default();
        match (&table.on, table.end_of) {
            (Some(_), Some(_)) => Err(wrong("use `on` or `end_of`, not both")),
            (Some(days), None) => {
                Ok(Expiry::On { days: days_of(days).map_err(|why| wrong(&why))?, months })
            }
            (None, None) if months == 0 => {
                Err(wrong("name `after_months`, `inactive_months`, `end_of` or `on`"))
            }
            (None, end_of) => Ok(Expiry::After { months, end_of }),
        }
    }
}

fn days_of(texts: &[String]) -> Result<Vec<MonthDay>, String> {
    if texts.is_empty() || texts.len() > DAYS_MAX {
        return Err(format!("on: name 1 to {DAYS_MAX} days such as \"12-31\""));
    }
    let mut days: Vec<_> =
        texts.iter().cloned().map(MonthDay::try_from).collect::<Result<_, _>>()?;
    days.sort_unstable();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(expiry: &Expiry, at: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let over = expiry.after(at.parse().unwrap(), &zone).unwrap().unwrap();
        over.instant().to_zoned(zone).datetime().to_string()
    }

    fn months(months: u32, end_of: Option<Period>) -> Expiry {
        Expiry::After { months, end_of }
    }

    fn on(days: &[&str], months: u32) -> Expiry {
        let days: Vec<_> = days.iter().map(|day| (*day).to_owned()).collect();
        Expiry::On { days: days_of(&days).unwrap(), months }
    }

    #[test]
    fn months_go_on_to_the_end_of_their_period_in_the_programs_zone() {
        let at = "2026-02-14T10:00:00Z";
        assert_eq!(after(&months(12, None), at), "2027-02-14T11:00:00");
        assert_eq!(after(&months(12, Some(Period::Day)), at), "2027-02-15T00:00:00");
        assert_eq!(after(&months(12, Some(Period::Month)), at), "2027-03-01T00:00:00");
        assert_eq!(after(&months(12, Some(Period::Quarter)), at), "2027-04-01T00:00:00");
        assert_eq!(after(&months(12, Some(Period::Year)), at), "2028-01-01T00:00:00");
        assert_eq!(after(&months(0, Some(Period::Month)), at), "2026-03-01T00:00:00");
    }

    #[test]
    fn what_would_be_over_at_midnight_is_over_with_the_day_before() {
        // Midnight of 1 March in Berlin.
        let at = "2026-02-28T23:00:00Z";
        assert_eq!(after(&months(1, Some(Period::Month)), at), "2026-04-01T00:00:00");
        assert_eq!(after(&months(0, Some(Period::Month)), at), "2026-04-01T00:00:00");
    }

    #[test]
    fn the_clocks_change_does_not_move_the_end_of_a_day() {
        // On 29 March 2026 and 25 October 2026 clocks change in Berlin.
        assert_eq!(
            after(&months(1, Some(Period::Day)), "2026-02-28T12:00:00Z"),
            "2026-03-29T00:00:00"
        );
        assert_eq!(
            after(&on(&["03-29", "10-25"], 0), "2026-03-29T00:30:00Z"),
            "2026-03-30T00:00:00"
        );
        assert_eq!(
            after(&on(&["03-29", "10-25"], 0), "2026-04-01T00:00:00Z"),
            "2026-10-26T00:00:00"
        );
    }

    #[test]
    fn days_of_the_year_come_around_and_february_has_its_last() {
        let year_end = on(&["12-31"], 0);
        assert_eq!(after(&year_end, "2026-12-31T22:59:59Z"), "2027-01-01T00:00:00");
        assert_eq!(after(&year_end, "2026-12-31T23:00:00Z"), "2028-01-01T00:00:00");
        assert_eq!(after(&on(&["12-31"], 12), "2026-06-01T00:00:00Z"), "2028-01-01T00:00:00");
        assert_eq!(after(&on(&["02-29"], 0), "2026-01-01T12:00:00Z"), "2026-03-01T00:00:00");
        assert_eq!(after(&on(&["02-29"], 0), "2028-01-01T12:00:00Z"), "2028-03-01T00:00:00");
    }
}
