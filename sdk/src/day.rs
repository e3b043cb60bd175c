//! Days as the contract writes them, `2026-11-22`. jiff's own parser reads all of ISO 8601 with time zones, which would make up half
//! of a plugin's size.

use crate::Failure;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error};

pub(crate) fn parse(text: &str) -> Result<Date, Failure> {
    let fail = || Failure::new("not-a-day", format!("`{text}` is not a day such as 2026-11-22"));
    let mut parts = text.splitn(3, '-').map(str::parse::<i16>);
    let mut next = || parts.next().and_then(Result::ok).ok_or_else(fail);
    let (year, month, day) = (next()?, next()?, next()?);
    let (month, day) = (i8::try_from(month), i8::try_from(day));
    match (month, day) {
        (Ok(month), Ok(day)) => Date::new(year, month, day).map_err(|_| fail()),
        _ => Err(fail()),
    }
}

pub(crate) fn format(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// For `#[serde(deserialize_with)]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(|failure| D::Error::custom(failure.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written_as_the_contract_has_them() {
        for day in ["2026-11-22", "0001-01-01", "9999-12-31", "2028-02-29"] {
            assert_eq!(format(parse(day).unwrap()), day);
        }
        for text in
            ["", "2026", "2026-11", "2026-13-01", "2027-02-29", "2026-11-22T10:00", "-1-1-1"]
        {
            assert_eq!(parse(text).unwrap_err().code, "not-a-day", "{text}");
        }
    }
}
