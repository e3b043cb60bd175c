//! Days and instants.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

/// The first instant of `date` in `zone`; where a clock change skips midnight, the first instant after
/// the gap. Fails with why there is none.
pub fn start_of(date: Date, zone: &TimeZone) -> Result<Timestamp, String> {
    date.to_zoned(zone.clone())
        .and_then(|midnight| midnight.start_of_day())
        .map(|start| start.timestamp())
        .map_err(|_| format!("{date} is outside the calendar"))
}

/// The day that an instant falls on in `zone`.
pub fn date_in(instant: Timestamp, zone: &TimeZone) -> Date {
    instant.to_zoned(zone.clone()).date()
}
