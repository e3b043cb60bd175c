//! When a machine will have run so many hours: from what its meter showed, and from nothing else.

use crate::config::Reading;
use perennial_sdk::{Date, Failure};

/// The readings that are kept, the newest.
const READINGS: usize = 12;
/// Readings that are closer to each other say nothing of how much a machine runs.
const DAYS_APART: i32 = 7;

/// The readings after one more; the same if it is no news. A meter that shows less than before was
/// replaced, and what the old one showed is of no use.
pub(crate) fn after(readings: &[Reading], new: Reading) -> Vec<Reading> {
    let is_news = readings.last().is_none_or(|last| new.on > last.on);
    let was_replaced = readings.last().is_some_and(|last| new.hours < last.hours);
    match (is_news, was_replaced) {
        (false, _) => readings.to_vec(),
        (true, true) => vec![new],
        (true, false) => {
            let skipped = (readings.len() + 1).saturating_sub(READINGS);
            readings.iter().copied().skip(skipped).chain([new]).collect()
        }
    }
}

/// The day on which the meter shows `hours`: the day of the reading if it does already, else by how
/// much the machine has run from the first to the last reading. None without two that are far enough
/// from each other.
pub(crate) fn day_of(readings: &[Reading], hours: i64) -> Result<Option<Date>, Failure> {
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return Ok(None) };
    let missing = hours.saturating_sub(last.hours);
    if missing <= 0 {
        return Ok(Some(last.on));
    }
    let (run, days) = (last.hours - first.hours, first.on.days_until(last.on));
    if run <= 0 || days < DAYS_APART {
        return Ok(None);
    }
    // Rounded down: rather a day too early than one too late.
    let ahead = missing.saturating_mul(i64::from(days)) / run;
    // What is centuries ahead is not foreseen.
    i32::try_from(ahead)
        .ok()
        .filter(|ahead| *ahead < 36_500)
        .map_or(Ok(None), |ahead| last.on.plus_days(ahead).map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(hours: i64, on: &str) -> Reading {
        Reading { hours, on: on.parse().unwrap() }
    }

    #[test]
    fn the_day_follows_from_how_much_the_machine_runs() {
        let readings = [reading(1_000, "2026-01-01"), reading(1_300, "2026-01-31")];
        for (hours, day) in [
            (1_300, Some("2026-01-31")),
            (1_301, Some("2026-01-31")),
            (1_310, Some("2026-02-01")),
            (2_000, Some("2026-04-11")),
            (9_000_000, None),
        ] {
            let day = day.map(|day| day.parse().unwrap());
            assert_eq!(day_of(&readings, hours).unwrap(), day, "{hours}");
        }
    }

    #[test]
    fn nothing_is_foreseen_from_one_reading_or_from_two_of_a_week() {
        assert_eq!(day_of(&[], 10).unwrap(), None);
        assert_eq!(day_of(&[reading(5, "2026-01-01")], 10).unwrap(), None);
        let close = [reading(5, "2026-01-01"), reading(6, "2026-01-07")];
        assert_eq!(day_of(&close, 10).unwrap(), None);
        let idle = [reading(5, "2026-01-01"), reading(5, "2026-03-01")];
        assert_eq!(day_of(&idle, 10).unwrap(), None);
    }

    #[test]
    fn the_newest_readings_are_kept_and_a_new_meter_begins_anew() {
        let mut readings = Vec::new();
        for day in 1..=20 {
            readings = after(&readings, reading(i64::from(day) * 10, &format!("2026-01-{day:02}")));
        }
        assert_eq!((readings.len(), readings[0].hours, readings[11].hours), (READINGS, 90, 200));
        assert_eq!(after(&readings, reading(999, "2026-01-20")), readings, "it is no news");
        assert_eq!(after(&readings, reading(3, "2026-02-01")), [reading(3, "2026-02-01")]);
    }
}
