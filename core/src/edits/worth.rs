//! How many points of a type an edit gives an account for what it adds. Pure.
//!
//! What is asked is what the order would earn, bought at once, as it is now and as it was, both by the
//! rules and for the member of today. Then
//!
//! - an order never has more than it would earn as it is now, unless what is kept of it has: neither
//!   many small edits nor a way there and back make points;
//! - what takes the place of something keeps what that had, so exchanging at the same price moves
//!   nothing;
//! - while rules and member are as they were, an order to which something is added has exactly what it
//!   would earn as it is now. Where they have changed, what is kept keeps what it earned, and what is
//!   new earns what the order gives more by it today.

use crate::accounts::{Cap, Cut};
use crate::earning::OfType;
use crate::{Points, Result, share};

/// What an account has of the order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Has {
    /// What stays of it has earned so much.
    pub(super) kept: Points,
    /// What is taken away had earned so much, which is going to be taken back.
    pub(super) gone: Points,
    /// What is gone had earned it, and it was not taken back: it was spent and may not be owed, or
    /// somebody has voided it.
    pub(super) forgiven: Points,
}

/// What the order would earn, bought at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtOnce<'a> {
    pub(super) before: &'a OfType,
    pub(super) after: &'a OfType,
    /// Whether it would earn today what it earned when it was recorded.
    pub(super) is_as_then: bool,
}

/// How much is taken away and how much is added, in minor units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Swap {
    pub(super) removed_minor: i64,
    pub(super) added_minor: i64,
}

/// What is new of a type of points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct New {
    pub(super) points: Points,
    /// What the caps of one purchase cut of it besides.
    pub(super) cuts: Vec<Cut>,
}

impl Swap {
    /// What of something that belongs to what is taken away is not needed for what takes its place.
    pub(super) fn beyond(self, points: Points) -> Result<Points> {
        let beyond = (self.removed_minor - self.added_minor).max(0);
        if beyond == 0 {
            return Ok(Points::ZERO);
        }
        share::up_to(points, beyond, self.removed_minor)
    }
}

impl New {
    pub(super) fn of(has: Has, at_once: AtOnce<'_>, swap: Swap) -> Result<Self> {
        let AtOnce { before, after, is_as_then } = at_once;
        let Has { kept, gone, forgiven } = has;
        let difference = after.points.minus(before.points)?;
        let missing = after.points.minus(kept)?.minus(forgiven)?;
        let in_place = gone.minus(swap.beyond(gone)?)?;
        let most =
            if is_as_then { missing } else { missing.min(in_place.max(gone.plus(difference)?)) };
        let least = in_place.min(gone.plus(difference.min(Points::ZERO))?);
        let points = most.max(least).max(Points::ZERO);
        Ok(Self { points, cuts: more_cut(before, after)? })
    }

    /// What a cap of one purchase cuts of it.
    pub(super) fn cut_by(&self, cap: Cap) -> Points {
        self.cuts.iter().find(|cut| cut.cap == cap).map_or(Points::ZERO, |cut| cut.points)
    }

    /// With what is cut.
    pub(super) fn uncut(&self) -> Result<Points> {
        self.cuts.iter().try_fold(self.points, |sum, cut| sum.plus(cut.points))
    }
}

fn more_cut(before: &OfType, after: &OfType) -> Result<Vec<Cut>> {
    let mut more = Vec::new();
    for cut in &after.cuts {
        let known = before.cuts.iter().find(|known| known.cap == cut.cap);
        let points = cut.points.minus(known.map_or(Points::ZERO, |known| known.points))?;
        if points.is_positive() {
            more.push(Cut { cap: cut.cap, points });
        }
    }
    Ok(more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(points: i64) -> OfType {
        OfType { points: Points::new(points), ..OfType::default() }
    }

    fn new_of(
        [kept, gone, forgiven]: [i64; 3],
        [before, after]: [i64; 2],
        is_as_then: bool,
        [removed_minor, added_minor]: [i64; 2],
    ) -> i64 {
        let [kept, gone, forgiven] = [kept, gone, forgiven].map(Points::new);
        let at_once = AtOnce { before: &of(before), after: &of(after), is_as_then };
        let swap = Swap { removed_minor, added_minor };
        New::of(Has { kept, gone, forgiven }, at_once, swap).unwrap().points.get()
    }

    #[test]
    fn what_takes_the_place_of_something_keeps_what_that_had() {
        // 50 of 100 are exchanged at the same price: by the rules of then, of twice as much, of half.
        for (before, after) in [(100, 100), (200, 200), (50, 50)] {
            assert_eq!(new_of([50, 50, 0], [before, after], before == 100, [5000, 5000]), 50);
        }
        // For goods that earn nothing.
        assert_eq!(new_of([50, 50, 0], [100, 50], true, [5000, 5000]), 0);
        // By a thing of 20.00 instead of one of 50.00.
        assert_eq!(new_of([50, 50, 0], [100, 70], true, [5000, 2000]), 20);
        assert_eq!(new_of([50, 50, 0], [200, 140], false, [5000, 2000]), 20);
    }

    #[test]
    fn what_is_new_earns_by_todays_rules_and_the_order_never_more_than_at_once() {
        assert_eq!(
            new_of([100, 0, 0], [200, 240], false, [0, 2000]),
            40,
            "they give twice as much"
        );
        assert_eq!(new_of([200, 0, 0], [100, 120], false, [0, 2000]), 0, "it has more already");
        assert_eq!(new_of([200, 0, 0], [100, 230], false, [0, 13_000]), 30);
        // A threshold of 500 points that was lost by half.
        assert_eq!(new_of([300, 0, 0], [50, 600], true, [0, 5000]), 300);
        assert_eq!(
            new_of([6, 0, 0], [10, 10], true, [0, 90]),
            4,
            "what was rounded off comes back"
        );
        assert_eq!(
            new_of([0, 0, 50], [0, 50], true, [0, 500]),
            0,
            "what was forgiven was not taken"
        );
    }

    proptest! {
        #[test]
        fn no_edit_lifts_an_order_above_what_it_had_and_what_it_would_earn_at_once(
            (kept, gone, forgiven) in (0_i64..1000, 0_i64..1000, 0_i64..100),
            (before, after) in (0_i64..3000, 0_i64..3000),
            is_as_then: bool,
            (removed, added) in (0_i64..10_000, 0_i64..10_000),
        ) {
            let gone = if removed == 0 { 0 } else { gone };
            let new = new_of([kept, gone, forgiven], [before, after], is_as_then, [removed, added]);
            prop_assert!(new >= 0);
            prop_assert!(kept + new <= (kept + gone).max(after - forgiven), "{new}");
        }
    }
}
