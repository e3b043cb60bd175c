//! From sums to a report. Pure.

use super::read::{Sum, What};
use super::span::Span;
use super::{AHEAD, BookedMonth, ExpiringMonth, Liability, Movements, Redemption};
use crate::accounts::PointType;
use crate::context::Program;
use crate::operation::Kind;
use crate::{Error, Points, Result, Timestamp};

/// A report for each type of points, the main one first; those that the program no longer knows and
/// of which there is something come last.
pub(super) fn liabilities(
    program: &Program,
    span: &Span,
    sums: &[Sum],
    only: Option<&PointType>,
) -> Result<Vec<Liability>> {
    let known = program.definition.point_types().map(|policy| policy.point_type.clone());
    let mut types: Vec<PointType> = known.collect();
    for sum in sums {
        if !types.contains(&sum.point_type) {
            types.push(sum.point_type.clone());
        }
    }
    let asked = types.into_iter().filter(|of| only.is_none_or(|only| only == of));
    asked.map(|point_type| liability(program.now, span, sums, point_type)).collect()
}

fn liability(at: Timestamp, span: &Span, sums: &[Sum], point_type: PointType) -> Result<Liability> {
    let sums: Vec<_> = sums.iter().filter(|sum| sum.point_type == point_type).collect();
    let total_of = |what| {
        let of_it = sums.iter().filter(|sum| sum.what == what);
        Points::sum(of_it.map(|sum| sum.points))
    };
    let months = booked(span, &sums)?;
    let redemption = redemption(&months)?;
    let outstanding = total_of(What::Outstanding)?;
    let (held, pending) = (total_of(What::Held)?, total_of(What::Pending)?);
    let owed = total_of(What::Owed)?;
    let expiring_in = |month: Option<usize>| {
        let of_it = sums.iter().filter(|sum| sum.what == What::Outstanding && sum.month == month);
        Points::sum(of_it.map(|sum| sum.points))
    };
    let later = span.past + usize::from(AHEAD);
    let mut expiring = Vec::with_capacity(usize::from(AHEAD));
    for (ahead, index) in (span.past..later).enumerate() {
        let points = expiring_in(Some(index))?;
        let expected = redemption.left_of(points, ahead);
        expiring.push(ExpiringMonth { month: span.months[index], points, expected });
    }
    Ok(Liability {
        point_type,
        at,
        outstanding,
        held,
        pending,
        owed,
        total: outstanding.plus(held)?.plus(pending)?.minus(owed)?,
        expiring,
        expiring_later: expiring_in(Some(later))?,
        never_expiring: expiring_in(None)?,
        months,
        redemption,
    })
}

/// Month by month, each from what the one before it left.
fn booked(span: &Span, sums: &[&Sum]) -> Result<Vec<BookedMonth>> {
    let moved = |month: Option<usize>| {
        let mut movements = Movements::default();
        for sum in sums.iter().filter(|sum| sum.month == month) {
            if let What::Moved(kind) = sum.what {
                let part = movements.of(kind)?;
                *part = part.plus(sum.points)?;
            }
        }
        Ok::<_, Error>(movements)
    };
    let mut closing = moved(None)?.total()?;
    let mut months = Vec::with_capacity(span.past + 1);
    for (index, month) in span.months.iter().enumerate().take(span.past + 1) {
        let (opening, movements) = (closing, moved(Some(index))?);
        closing = opening.plus(movements.total()?)?;
        months.push(BookedMonth { month: *month, opening, movements, closing });
    }
    Ok(months)
}

fn redemption(months: &[BookedMonth]) -> Result<Redemption> {
    let full = months.split_last().map_or(months, |(_, full)| full);
    let redeemed = Points::sum(full.iter().map(|month| month.movements.redeemed))?.negated()?;
    let of = Points::sum(full.iter().map(|month| month.opening.max(Points::ZERO)))?;
    Ok(Redemption { redeemed: redeemed.max(Points::ZERO), of })
}

impl Redemption {
    /// What is left of points after so many months if of what there is at the beginning of each of
    /// them the same part is redeemed, rounded down.
    fn left_of(self, points: Points, months: usize) -> Points {
        let (redeemed, of) = (i128::from(self.redeemed.get()), i128::from(self.of.get()));
        let redeemed = redeemed.min(of);
        let mut left = i128::from(points.get());
        for _ in 0..if of > 0 { months } else { 0 } {
            left -= left * redeemed / of;
        }
        i64::try_from(left).map_or(points, Points::new)
    }
}

impl Movements {
    /// The part that transactions of a kind are in.
    fn of(&mut self, kind: Kind) -> Result<&mut Points> {
        Ok(match kind {
            Kind::Opening => &mut self.opened,
            // What lasts longer stays issued.
            Kind::Earn | Kind::Pending | Kind::Extend => &mut self.earned,
            Kind::Adjust => &mut self.adjusted,
            // What had paid for a purchase that came back was not redeemed after all.
            Kind::Spend | Kind::Refund => &mut self.redeemed,
            Kind::Expire | Kind::Restore => &mut self.expired,
            Kind::Return => &mut self.returned,
            Kind::Void => &mut self.voided,
            Kind::Hold | Kind::Release | Kind::Transfer | Kind::Merge => {
                return Err(Error::internal(format!("{kind:?} changes nothing that is owed")));
            }
        })
    }

    /// What the month changed.
    pub fn total(&self) -> Result<Points> {
        let Self { opened, earned, adjusted, redeemed, expired, returned, voided } = *self;
        Points::sum([opened, earned, adjusted, redeemed, expired, returned, voided])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_of(points: i64, (redeemed, of): (i64, i64), months: usize) -> i64 {
        let redemption = Redemption { redeemed: Points::new(redeemed), of: Points::new(of) };
        redemption.left_of(Points::new(points), months).get()
    }

    #[test]
    fn each_month_redeems_the_same_part_of_what_is_left() {
        assert_eq!(left_of(1000, (1, 10), 0), 1000, "nobody knows when in this month");
        assert_eq!(left_of(1000, (1, 10), 1), 900);
        assert_eq!(left_of(1000, (1, 10), 2), 810);
        assert_eq!(left_of(9, (1, 10), 24), 9, "what is redeemed is rounded down");
        assert_eq!(left_of(1000, (0, 0), 5), 1000, "without a past nobody redeems");
        assert_eq!(left_of(1000, (7, 5), 5), 0, "no more than all of it");
        let most = Points::MAX.get();
        assert_eq!(left_of(most, (most, most), 1), 0);
    }
}
