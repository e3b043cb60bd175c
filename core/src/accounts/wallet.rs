//! A wallet and its lots: points of one type, in the portions that expire together.

use super::PointType;
use crate::{Error, LotId, Points, Result, Timestamp, TransactionId};

/// An account's points of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wallet {
    /// What its lots hold together, less what is owed.
    pub(crate) balance: Points,
    /// What was taken back and was not there any more. It is paid out of whatever comes next, so
    /// who owes has no open lot.
    pub(crate) owed: Points,
    /// What its pending lots hold: earned, and not to be counted before it is activated.
    pub(crate) pending: Points,
    /// What open holds have reserved. It is not part of the balance.
    pub(crate) held: Points,
    /// Until when those of its lots last that last as long as the member is active, if there are
    /// any.
    pub(crate) lasts_until: Option<Timestamp>,
}

/// Points about to become a lot.
#[derive(Debug)]
pub(crate) struct Credit {
    pub(crate) point_type: PointType,
    pub(crate) points: Points,
    pub(crate) transaction: TransactionId,
    pub(crate) at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether they last as long as the member is active, while they have no instant of their own.
    pub(crate) slides: bool,
}

/// Points earned together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lot {
    pub(crate) id: LotId,
    pub(crate) point_type: PointType,
    /// Which transaction earned it.
    pub(crate) transaction: TransactionId,
    pub(crate) earned_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether it lasts as long as the member is active. Then it has an instant of its own only when
    /// it has ended, or while it is pending: that is what it lasts to at least.
    pub(crate) slides: bool,
    /// Whether its time was over when something came back to it: then it lasts for the days of grace.
    pub(crate) in_grace: bool,
    /// While it cannot be spent yet: until then, or `Timestamp::LAST` while nobody knows.
    pub(crate) pending_until: Option<Timestamp>,
    pub(crate) amount: Points,
    pub(crate) remaining: Points,
    /// What the database has of it; nothing while it is not there.
    pub(crate) stored: Option<Stored>,
}

/// What of a lot changes, as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) remaining: Points,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) slides: bool,
    pub(crate) in_grace: bool,
    pub(crate) pending_until: Option<Timestamp>,
}

/// Part of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LotPart {
    pub(crate) lot: LotId,
    pub(crate) points: Points,
}

/// What expired of one type at one instant.
#[derive(Clone, Debug)]
pub(crate) struct Expired {
    pub(crate) point_type: PointType,
    pub(crate) at: Timestamp,
    pub(crate) parts: Vec<LotPart>,
    /// What the parts are together.
    pub(crate) points: Points,
    /// The lots, if they ended because the member was not active.
    pub(crate) inactive: Vec<Lot>,
}

impl Lot {
    /// A lot that can be spent at once.
    pub(super) fn of(credit: Credit) -> Self {
        Self {
            id: LotId::new(),
            point_type: credit.point_type,
            transaction: credit.transaction,
            earned_at: credit.at,
            expires_at: credit.expires_at,
            slides: credit.slides,
            in_grace: false,
            pending_until: None,
            amount: credit.points,
            remaining: credit.points,
            stored: None,
        }
    }

    /// Whether something of it can be spent.
    pub(crate) fn is_open(&self) -> bool {
        self.remaining.is_positive() && !self.is_pending()
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.pending_until.is_some()
    }

    pub(super) fn has_changed(&self) -> bool {
        self.stored != Some(self.as_stored())
    }

    /// Lets what comes back to it be spent until `grace`, if it is over now or was when something came
    /// back before. A lot has one end, so what came back before lasts as long.
    pub(crate) fn come_back(&mut self, is_over: bool, grace: Timestamp) {
        if is_over {
            (self.expires_at, self.slides, self.in_grace) = (Some(grace), false, true);
        } else if self.in_grace {
            self.expires_at = self.expires_at.max(Some(grace));
        }
    }

    /// What of it changes, as it is now.
    pub(super) fn as_stored(&self) -> Stored {
        let Self { remaining, expires_at, slides, in_grace, pending_until, .. } = *self;
        Stored { remaining, expires_at, slides, in_grace, pending_until }
    }

    /// When something happens to it next by itself: it can be spent, or not any more.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let next = if self.is_pending() { self.pending_until } else { self.expires_at };
        next.filter(|at| self.remaining.is_positive() && *at < Timestamp::LAST)
    }

    /// Whether it lasts as long as the others of its wallet that slide.
    pub(crate) fn is_sliding(&self) -> bool {
        self.slides && self.expires_at.is_none() && !self.is_pending()
    }

    /// Whether it has ended because the member was not active, written down or not.
    pub(super) fn has_ended(&self) -> bool {
        self.slides && self.expires_at.is_some() && !self.is_pending()
    }

    /// When it is over, in a wallet whose sliding lots last until then.
    pub(crate) fn over_at(&self, slides_until: Option<Timestamp>) -> Option<Timestamp> {
        if self.is_sliding() { slides_until } else { self.expires_at }
    }

    /// Whether its time is over at `now`.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether what remains of it has expired at `now`, whether or not anybody came by, in a wallet
    /// whose sliding lots last until then.
    pub(super) fn is_lost(&self, now: Timestamp, slides_until: Option<Timestamp>) -> bool {
        let is_over = self.over_at(slides_until).is_some_and(|at| at <= now);
        is_over && self.pending_until.is_none_or(|until| until <= now)
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.is_open() && self.is_over(now)
    }

    /// The earliest expiry first, what never expires last, in a wallet whose sliding lots last until
    /// then.
    pub(crate) fn order(
        &self,
        slides_until: Option<Timestamp>,
    ) -> (bool, Option<Timestamp>, LotId) {
        let over_at = self.over_at(slides_until);
        (over_at.is_none(), over_at, self.id)
    }

    pub(super) fn take(&mut self, points: Points) -> Result<LotPart> {
        self.remaining = self.remaining.minus(points)?;
        Ok(LotPart { lot: self.id, points })
    }
}

/// Takes points of one type out of lots: out of those that are `before_all`, then out of the first
/// to expire. Fails with `INTERNAL` if they hold too little.
pub(super) fn take(
    lots: &mut [Lot],
    (point_type, slides_until): (&PointType, Option<Timestamp>),
    points: Points,
    before_all: &[LotId],
) -> Result<Vec<LotPart>> {
    let of_type = |lot: &&mut Lot| lot.is_open() && lot.point_type == *point_type;
    let mut open: Vec<&mut Lot> = lots.iter_mut().filter(of_type).collect();
    open.sort_by_key(|lot| (!before_all.contains(&lot.id), lot.order(slides_until)));
    let mut missing = points;
    let mut parts = Vec::new();
    for lot in open {
        if missing == Points::ZERO {
            break;
        }
        let taken = missing.min(lot.remaining);
        parts.push(lot.take(taken)?);
        missing = missing.minus(taken)?;
    }
    if missing.is_positive() {
        return Err(Error::internal(format!("open lots lack {missing} points of the balance")));
    }
    Ok(parts)
}

/// Takes out of the lots what was the first to expire of what has by `now`, one type at one instant.
/// What was reserved until `free_since` expires then, not before. What has ended because the member
/// was not active stays if that is deferred.
pub(super) fn take_expired(
    lots: &mut [Lot],
    now: Timestamp,
    (free_since, defers): (Option<Timestamp>, bool),
) -> Result<Option<Expired>> {
    let when = |lot: &Lot| {
        let at = lot.expires_at.max(free_since)?;
        let is_due = lot.is_due(now) && !(defers && lot.has_ended());
        is_due.then(|| (at, lot.point_type.clone(), lot.slides))
    };
    let Some(first) = lots.iter().filter_map(when).min() else { return Ok(None) };
    let of_first = lots.iter_mut().filter(|lot| when(lot).as_ref() == Some(&first));
    let parts: Vec<_> = of_first.map(|lot| lot.take(lot.remaining)).collect::<Result<_>>()?;
    let points = Points::sum(parts.iter().map(|part| part.points))?;
    let (at, point_type, slides) = first;
    let is_taken = |lot: &&Lot| slides && parts.iter().any(|part| part.lot == lot.id);
    let inactive = lots.iter().filter(is_taken).cloned().collect();
    Ok(Some(Expired { point_type, at, parts, points, inactive }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lots(amounts: &[i64]) -> Vec<Lot> {
        let lot = |amount: &i64| Lot {
            id: LotId::new(),
            point_type: PointType::named("POINTS"),
            transaction: TransactionId::new(),
            earned_at: Timestamp::from_microseconds(0).unwrap(),
            expires_at: None,
            slides: false,
            in_grace: false,
            pending_until: None,
            amount: Points::new(*amount),
            remaining: Points::new(*amount),
            stored: None,
        };
        amounts.iter().map(lot).collect()
    }

    fn take(lots: &mut [Lot], points: i64) -> Result<Vec<LotPart>> {
        super::take(lots, (&PointType::named("POINTS"), None), Points::new(points), &[])
    }

    fn remaining(lots: &[Lot]) -> Vec<i64> {
        lots.iter().map(|lot| lot.remaining.get()).collect()
    }

    proptest! {
        #[test]
        fn what_is_spent_comes_from_the_first_lots_and_from_no_later_one(
            amounts in prop::collection::vec(1_i64..1_000_000, 1..20),
            share in 1_i64..=1000,
        ) {
            let total: i64 = amounts.iter().sum();
            let points = (total * share / 1000).max(1);
            let mut lots = lots(&amounts);
            let before = lots.clone();
            let parts = take(&mut lots, points).unwrap();
            prop_assert_eq!(parts.iter().map(|part| part.points.get()).sum::<i64>(), points);
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!(part.lot, before[index].id);
                let is_last = index + 1 == parts.len();
                prop_assert!(is_last || part.points == before[index].remaining, "only the last is split");
                prop_assert!(part.points.is_positive() && part.points <= before[index].remaining);
            }
            prop_assert_eq!(remaining(&lots).iter().sum::<i64>(), total - points);
        }

        #[test]
        fn spending_in_two_steps_takes_what_spending_at_once_takes(
            amounts in prop::collection::vec(1_i64..1000, 1..20),
            first in 1_i64..500,
            second in 1_i64..500,
        ) {
            prop_assume!(first + second <= amounts.iter().sum());
            let mut at_once = lots(&amounts);
            let mut in_steps = at_once.clone();
            take(&mut at_once, first + second).unwrap();
            take(&mut in_steps, first).unwrap();
            take(&mut in_steps, second).unwrap();
            prop_assert_eq!(remaining(&at_once), remaining(&in_steps));
        }

        #[test]
        fn the_lot_that_goes_before_all_is_emptied_first(
            amounts in prop::collection::vec(1_i64..1000, 1..20),
            index in 0_usize..20,
            points in 1_i64..1000,
        ) {
            prop_assume!(points <= amounts.iter().sum());
            let mut lots = lots(&amounts);
            let chosen = lots[index % lots.len()].clone();
            let wanted = Points::new(points);
            let parts =
                super::take(&mut lots, (&chosen.point_type, None), wanted, &[chosen.id]).unwrap();
            let first = LotPart { lot: chosen.id, points: wanted.min(chosen.remaining) };
            prop_assert_eq!(parts[0], first);
        }

        #[test]
        fn more_than_there_is_cannot_be_taken(amounts in prop::collection::vec(1_i64..1000, 0..10)) {
            let total: i64 = amounts.iter().sum();
            prop_assert!(take(&mut lots(&amounts), total + 1).is_err());
        }

        #[test]
        fn the_earliest_expiry_goes_first_and_what_never_expires_last(
            expiries in prop::collection::vec(prop::option::of(0_i64..50), 1..12),
            now in 0_i64..60,
        ) {
            let at = |instant: i64| Timestamp::from_microseconds(instant).unwrap();
            let mut lots = lots(&vec![10; expiries.len()]);
            for (lot, expiry) in lots.iter_mut().zip(&expiries) {
                lot.expires_at = expiry.map(at);
            }
            let next = || take_expired(&mut lots, at(now), (None, false)).unwrap();
            let expired: Vec<_> = std::iter::from_fn(next).collect();
            prop_assert!(expired.is_sorted_by_key(|one| one.at));
            let is_over = |expiry: &Option<i64>| expiry.is_some_and(|expiry| expiry <= now);
            let gone: usize = expired.iter().map(|one| one.parts.len()).sum();
            prop_assert_eq!(gone, expiries.iter().filter(|expiry| is_over(expiry)).count());
            let left = expiries.iter().copied().flatten().filter(|expiry| *expiry > now).min();
            prop_assert_eq!(lots.iter().filter_map(Lot::next_at).min(), left.map(at));
            prop_assume!(gone < expiries.len());
            let parts = take(&mut lots, 10).unwrap();
            let taken = lots.iter().find(|lot| lot.id == parts[0].lot).unwrap();
            prop_assert_eq!(taken.expires_at, left.map(at));
        }
    }
}
