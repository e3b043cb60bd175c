//! Caps: the most that a member gets of a type of points – by one transaction, in a day, a week, a
//! month or a year – and the most that a wallet holds. Periods are those of the program's calendar.

use crate::definition::{Check, Definition};
use crate::{Points, Result, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use toml::Spanned;

/// How far a clock is set back, at most, while a look is under way.
const SET_BACK_MAX: Duration = Duration::from_hours(1);

/// What is capped, in the order in which caps cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cap {
    /// What rules and plugins give for one purchase: `purchase_max`.
    Purchase,
    /// What one purchase, one referral or one award of a plugin gives.
    Transaction,
    /// What is given in a day of the program's zone.
    Day,
    /// From Monday to Sunday.
    Week,
    Month,
    Year,
    /// What the wallet holds, pending and held included.
    Balance,
}

/// The caps of a type of points.
#[derive(Clone, Debug, Default)]
pub struct Caps {
    /// In the order in which they cut.
    pub most: Vec<(Cap, Points)>,
    /// Whether a purchase that would give more is refused; else it gives what is left.
    pub refuses: bool,
}

/// From an instant on, and before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Within {
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

/// `caps` in the program file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapsFile {
    transaction: Option<Spanned<i64>>,
    day: Option<Spanned<i64>>,
    week: Option<Spanned<i64>>,
    month: Option<Spanned<i64>>,
    year: Option<Spanned<i64>>,
    balance: Option<Spanned<i64>>,
    #[serde(default)]
    when_over: WhenOver,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WhenOver {
    #[default]
    Cut,
    Refuse,
}

impl Cap {
    /// The period of the calendar that an instant is in, if the cap is one of a period.
    pub(crate) fn period(self, at: Timestamp, zone: &TimeZone) -> Result<Option<Within>> {
        let day = at.date_in(zone);
        let (first, length): (Date, Span) = match self {
            Self::Purchase | Self::Transaction | Self::Balance => return Ok(None),
            Self::Day => (day, 1.day()),
            Self::Week => {
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                (add(day, -since_monday.days())?, 7.days())
            }
            Self::Month => (day.first_of_month(), 1.month()),
            Self::Year => (day.first_of_year(), 1.year()),
        };
        let since = Timestamp::start_of(first, zone)?;
        Ok(Some(Within { since, until: Timestamp::start_of(add(first, length)?, zone)? }))
    }

    pub(crate) const fn is_of_period(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month | Self::Year)
    }

    /// Whether it is about what a member has got besides, and not about one purchase alone.
    pub(crate) const fn is_of_account(self) -> bool {
        self.is_of_period() || matches!(self, Self::Balance)
    }

    /// What it is the most of, for people.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Purchase => "that one purchase earns",
            Self::Transaction => "that one transaction gives",
            Self::Day => "that a member gets in a day",
            Self::Week => "that a member gets in a week",
            Self::Month => "that a member gets in a month",
            Self::Year => "that a member gets in a year",
            Self::Balance => "that a member has at a time",
        }
    }
}

fn add(day: Date, span: Span) -> Result<Date> {
    day.checked_add(span)
        .map_err(|_| crate::text::invalid("caps", format!("{day} is at the calendar's end")))
}

impl Within {
    pub(crate) fn contains(self, at: Timestamp) -> bool {
        self.since <= at && at < self.until
    }

    /// From the first of both to the last.
    fn joined(self, other: Self) -> Self {
        Self { since: self.since.min(other.since), until: self.until.max(other.until) }
    }
}

impl Definition {
    /// Whether what a member gets depends on what the member got before.
    pub(crate) fn has_caps_of_periods(&self) -> bool {
        self.caps_of_periods().next().is_some()
    }

    /// All the periods together that some instants are in, now where there is none; none if no
    /// period is capped. What is now is known only when the answer is there: it is at most a little
    /// earlier than `now`, and may be any later.
    pub(crate) fn capped_periods(
        &self,
        instants: impl Iterator<Item = Option<Timestamp>>,
        now: Timestamp,
    ) -> Result<Option<Within>> {
        let lately = now.minus(SET_BACK_MAX);
        let mut all: Option<Within> = None;
        for at in instants {
            let past = at.filter(|at| *at < lately);
            for cap in self.caps_of_periods() {
                let period = cap.period(past.unwrap_or(lately), &self.zone)?;
                let Some(Within { since, until }) = period else { continue };
                let until = if past.is_some() { until } else { Timestamp::LAST };
                let period = Within { since, until };
                all = Some(all.map_or(period, |all| all.joined(period)));
            }
        }
        Ok(all)
    }

    fn caps_of_periods(&self) -> impl Iterator<Item = Cap> {
        let all = self.point_types().flat_map(|policy| policy.caps.most.iter());
        all.map(|(cap, _)| *cap).filter(|cap| cap.is_of_period())
    }
}

impl CapsFile {
    pub(super) fn checked(check: &Check<'_>, file: Spanned<Self>) -> Result<Caps> {
        let span = file.span();
        let file = file.into_inner();
        let all = [
            (Cap::Transaction, file.transaction),
            (Cap::Day, file.day),
            (Cap::Week, file.week),
            (Cap::Month, file.month),
            (Cap::Year, file.year),
            (Cap::Balance, file.balance),
        ];
        let named = all.into_iter().filter_map(|(cap, most)| Some((cap, most?)));
        let positive = |(cap, most): (Cap, Spanned<i64>)| Ok((cap, check.positive(&most)?));
        let most: Vec<Result<_>> = named.map(positive).collect();
        let most: Vec<_> = most.into_iter().collect::<Result<_>>()?;
        if most.is_empty() {
            let why = "caps: name `transaction`, `day`, `week`, `month`, `year` or `balance`";
            return Err(check.at(span, why));
        }
        Ok(Caps { most, refuses: matches!(file.when_over, WhenOver::Refuse) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(cap: Cap, at: &str) -> (String, String) {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let period = cap.period(at.parse().unwrap(), &zone).unwrap().unwrap();
        let shown = |at: Timestamp| at.instant().to_zoned(zone.clone()).datetime().to_string();
        (shown(period.since), shown(period.until))
    }

    fn of(since: &str, until: &str) -> (String, String) {
        (format!("{since}T00:00:00"), format!("{until}T00:00:00"))
    }

    #[test]
    fn periods_are_those_of_the_calendar_in_the_programs_zone() {
        // A Sunday in Berlin, on which clocks change; a Saturday still in UTC.
        let at = "2026-03-28T23:30:00Z";
        assert_eq!(period(Cap::Day, at), of("2026-03-29", "2026-03-30"));
        assert_eq!(period(Cap::Week, at), of("2026-03-23", "2026-03-30"));
        assert_eq!(period(Cap::Month, at), of("2026-03-01", "2026-04-01"));
        assert_eq!(period(Cap::Year, at), of("2026-01-01", "2027-01-01"));
        let at = "2025-12-31T23:00:00Z";
        assert_eq!(period(Cap::Day, at), of("2026-01-01", "2026-01-02"));
        assert_eq!(period(Cap::Week, at), of("2025-12-29", "2026-01-05"), "begins in the old year");
    }
}
