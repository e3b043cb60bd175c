//! Shares: how a whole number falls to parts. This is the one place where points are rounded.
//!
//! A part gets what the whole gives up to its end, less what it gives up to its beginning, each
//! rounded down. So shares are whole numbers, they sum to the whole, each is within one of its exact
//! value, and the same parts in the same order always have the same.

use crate::{Error, Points, Result};

/// What of `points`, which belong to `whole`, belongs to the first `part` of it. All of them if
/// there is no whole to measure by.
pub(crate) fn up_to(points: Points, part: i64, whole: i64) -> Result<Points> {
    if whole <= 0 || part >= whole {
        return Ok(points);
    }
    let exact = i128::from(points.get()) * i128::from(part.max(0)) / i128::from(whole);
    i64::try_from(exact).map(Points::new).map_err(|_| Error::internal("a share overflows"))
}

/// The share of each part, by what it measures. Parts that measure nothing between them count alike.
pub(crate) fn shares(points: Points, measures: &[i64]) -> Result<Vec<Points>> {
    let whole = measures.iter().try_fold(0_i64, |sum, measure| sum.checked_add(*measure));
    let whole = whole.ok_or_else(|| Error::internal("the measures of shares overflow"))?;
    if whole <= 0 {
        return shares_of_equals(points, measures.len());
    }
    let (mut end, mut given) = (0, Points::ZERO);
    let mut all = Vec::with_capacity(measures.len());
    for measure in measures {
        end += measure;
        let total = up_to(points, end, whole)?;
        all.push(total.minus(given)?);
        given = total;
    }
    Ok(all)
}

fn shares_of_equals(points: Points, count: usize) -> Result<Vec<Points>> {
    if count == 0 { Ok(Vec::new()) } else { shares(points, &vec![1; count]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_sum_to_the_whole_and_each_is_within_one_of_its_exact_value(
            points in 0_i64..=Points::MAX.get(),
            measures in prop::collection::vec(0_i64..1_000_000_000, 1..40),
        ) {
            let all = shares(Points::new(points), &measures).unwrap();
            prop_assert_eq!(all.iter().map(|share| share.get()).sum::<i64>(), points);
            let whole: i64 = measures.iter().sum();
            prop_assume!(whole > 0);
            for (share, measure) in all.iter().zip(&measures) {
                let floor = i128::from(points) * i128::from(*measure) / i128::from(whole);
                let distance = i128::from(share.get()) - floor;
                prop_assert!((0..=1).contains(&distance), "{share} for {measure} of {whole}");
            }
        }
    }

    #[test]
    fn parts_that_measure_nothing_count_alike_and_no_parts_have_no_shares() {
        let shares_of = |points, measures: &[i64]| {
            let shares = shares(Points::new(points), measures).unwrap();
            shares.into_iter().map(Points::get).collect::<Vec<_>>()
        };
        assert_eq!(shares_of(7, &[0, 0, 0]), [2, 2, 3]);
        assert_eq!(shares_of(7, &[0, 5, 0]), [0, 7, 0]);
        assert_eq!(shares_of(7, &[]), [0_i64; 0]);
    }
}
