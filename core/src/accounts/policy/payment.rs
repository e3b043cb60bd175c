//! Points as a means of payment: what they are worth, and how many of them pay for one purchase.

use crate::definition::Check;
use crate::{Points, Result};
use serde::Deserialize;
use toml::Spanned;

/// How points pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// So many points …
    points: i64,
    /// … pay so much, in minor units.
    amount_minor: i64,
    /// The fewest that pay for a purchase.
    pub min: Points,
    /// Of which number they are a multiple.
    pub step: Points,
    /// The most of a purchase that they pay.
    max_percent: i64,
}

/// `payment` in the program file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentFile {
    points: Spanned<i64>,
    amount: Spanned<String>,
    min: Option<Spanned<i64>>,
    step: Option<Spanned<i64>>,
    max_percent: Option<Spanned<u8>>,
}

impl Payment {
    /// What so many points pay, in minor units, rounded down.
    pub fn value(&self, points: Points) -> i64 {
        let exact = i128::from(points.get()) * i128::from(self.amount_minor);
        i64::try_from(exact / i128::from(self.points)).unwrap_or(i64::MAX)
    }

    /// The most points that pay for a purchase, of so many that there are.
    pub fn most(&self, total_minor: i64, balance: Points) -> Points {
        // The last number whose value, rounded down, is not more.
        let above = (i128::from(self.payable(total_minor)) + 1) * i128::from(self.points);
        let enough = (above - 1) / i128::from(self.amount_minor);
        let most = i64::try_from(enough).unwrap_or(i64::MAX).min(balance.get()).max(0);
        let most = Points::new(most - most % self.step.get());
        if most < self.min || self.value(most) == 0 { Points::ZERO } else { most }
    }

    /// What of a purchase may be paid with points, in minor units.
    pub fn payable(&self, total_minor: i64) -> i64 {
        let share = i128::from(total_minor) * i128::from(self.max_percent) / 100;
        i64::try_from(share).unwrap_or(total_minor)
    }
}

impl PaymentFile {
    pub(super) fn checked(self, check: &Check<'_>) -> Result<Payment> {
        let positive = |value: Option<&Spanned<i64>>| {
            value.map_or(Ok(Points::new(1)), |value| check.positive(value))
        };
        let (points, amount_minor) =
            (check.positive(&self.points), check.positive_amount(&self.amount));
        let (min, step) = (positive(self.min.as_ref()), positive(self.step.as_ref()));
        let percent = |percent| check.within("max_percent", percent, (1, 100));
        let max_percent = self.max_percent.as_ref().map_or(Ok(100), percent);
        Ok(Payment {
            points: points?.get(),
            amount_minor: amount_minor?,
            min: min?,
            step: step?,
            max_percent: i64::from(max_percent?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment() -> Payment {
        let (min, step) = (Points::new(200), Points::new(50));
        Payment { points: 100, amount_minor: 100, min, step, max_percent: 50 }
    }

    #[test]
    fn points_pay_up_to_their_share_of_a_purchase_in_whole_steps() {
        let most = |total, balance| payment().most(total, Points::new(balance)).get();
        assert_eq!(most(10_000, 1_000_000), 5_000);
        assert_eq!(most(10_000, 1_234), 1_200);
        assert_eq!(most(999, 1_000), 450, "half of 9.99 is 4.99");
        assert_eq!(most(399, 1_000), 0, "fewer than the fewest");
        assert_eq!(most(10_000, -5), 0);
        assert_eq!(most(i64::MAX, i64::MAX), i64::MAX / 2 - (i64::MAX / 2) % 50);
        let odd = Payment { points: 3, amount_minor: 2, min: Points::new(5), ..payment() };
        let odd = Payment { step: Points::new(1), max_percent: 33, ..odd };
        assert_eq!(odd.most(100, Points::new(1_000)).get(), 50, "0.33 of 1.00");
        assert_eq!(odd.most(10, Points::new(1_000)).get(), 5, "0.03 of 0.10");
        assert_eq!(odd.most(2, Points::new(1_000)).get(), 0, "nothing of 0.02");
    }

    #[test]
    fn what_points_are_worth_is_rounded_down() {
        let thirds = Payment { points: 3, ..payment() };
        assert_eq!(thirds.value(Points::new(1)), 33);
        assert_eq!(thirds.value(Points::new(3)), 100);
        assert_eq!(payment().value(Points::new(i64::MAX)), i64::MAX);
    }
}
