//! The rhythm in which a member buys a product, or that there is none: pure, and without the
//! platform.

use crate::config::Config;
use crate::history::Bought;
use perennial_sdk::{Date, Failure};

/// When somebody buys next who goes on as before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rhythm {
    /// From one purchase to the next.
    pub(crate) days: i32,
    pub(crate) last_on: Date,
    pub(crate) expected_on: Date,
    /// None if enough was said already.
    pub(crate) remind_on: Option<Date>,
}

/// The rhythm of purchases, oldest first; none if they are too few or too irregular to tell, or
/// follow each other so closely that a reminder would come with the purchase.
pub(crate) fn rhythm(config: &Config, bought: &[Bought]) -> Result<Option<Rhythm>, Failure> {
    let Some(last) = bought.last() else { return Ok(None) };
    let mut dates: Vec<Date> = bought.iter().map(|one| one.on).collect();
    dates.dedup();
    let gaps = dates.windows(2).map(|pair| pair[0].days_until(pair[1])).collect::<Vec<_>>();
    let Some(days) = median(gaps.clone()).filter(|_| dates.len() >= config.purchases_min) else {
        return Ok(None);
    };
    let away = median(gaps.iter().map(|gap| (gap - days).abs()).collect()).unwrap_or(0);
    let is_irregular =
        i64::from(away) * 100 > i64::from(days) * i64::from(config.irregularity_max_percent);
    if is_irregular || days <= config.remind_days_before {
        return Ok(None);
    }
    // The reminders of one day count together: of several purchases any may have got them.
    let on_that_day = bought.iter().filter(|one| one.on == last.on);
    let reminders = on_that_day.map(|one| one.reminders).max().unwrap_or(0);
    let expected_on = last.on.plus_days(days.saturating_mul(reminders.saturating_add(1)))?;
    let remind_on = expected_on.plus_days(-config.remind_days_before)?;
    let remind_on = (reminders < config.unanswered_max).then_some(remind_on);
    Ok(Some(Rhythm { days, last_on: last.on, expected_on, remind_on }))
}

/// The middle one; of an even number of values the mean of the two in the middle, rounded down.
fn median(mut values: Vec<i32>) -> Option<i32> {
    values.sort_unstable();
    let (lower, upper) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some(i32::midpoint(values[lower], values[upper]))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        for (values, expected) in [
            (vec![], None),
            (vec![7], Some(7)),
            (vec![30, 10], Some(20)),
            (vec![9, 1, 300], Some(9)),
            (vec![4, 1, 3, 300], Some(3)),
        ] {
            assert_eq!(median(values.clone()), expected, "{values:?}");
        }
    }
}
