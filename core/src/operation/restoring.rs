//! Giving back, lot by lot: what expired too early, what a purchase that came back was paid with, what
//! a voided transaction took. What happened stays as what happened; a transaction of its own undoes it.

use super::Operation;
use super::cause::{self, RestorationReason};
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{EarlyExpiry, Lot, PointType, UsedLot};
use crate::db::row;
use crate::facts::PointsRestored;
use crate::{LotId, MemberId, Points, Result, Timestamp, TransactionId};

row! {
    pub(super) struct LotReturnRow in "lot_returns" {
        pub(super) used_by: TransactionId,
        pub(super) lot_id: LotId,
        pub(super) transaction_id: TransactionId,
        pub(super) amount: Points,
    }
}

impl Operation<'_> {
    /// Gives a member back what one transaction expired too early, as of `at`, and records it. The
    /// database refuses to give the same back twice.
    pub(crate) fn restore(
        &mut self,
        early: EarlyExpiry,
        (reason, at): (RestorationReason, Timestamp),
    ) -> Result<Points> {
        let EarlyExpiry { member, expired_by, point_type, mut lots } = early;
        if reason == RestorationReason::TooEarly {
            self.slide_on(member, &point_type, &mut lots)?;
        }
        let id = match TransactionId::new() {
            id if id > expired_by => id,
            _ => TransactionId::after(expired_by),
        };
        let points = Points::sum(lots.iter().map(|(_, points)| *points))?;
        for (lot, amount) in &lots {
            let (used_by, lot_id, amount) = (expired_by, lot.id, *amount);
            self.insert(&LotReturnRow { used_by, lot_id, transaction_id: id, amount });
        }
        let paid = self.change(member)?.give_back(&point_type, lots)?;
        self.pay(id, member, &point_type, &paid)?;
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Restore,
                against: SystemAccount::Breakage,
                point_type: point_type.clone(),
                points,
                at,
                because: cause::Restoration { reason, expired: expired_by }.into(),
            },
        )?;
        let expired_transaction_id = expired_by;
        let fact = PointsRestored {
            transaction_id: id,
            expired_transaction_id,
            points,
            point_type,
            balance,
        };
        self.record(member, at, fact)?;
        Ok(points)
    }

    /// What lasted as long as the member was active goes on to last until it would have ended.
    fn slide_on(
        &mut self,
        member: MemberId,
        point_type: &PointType,
        lots: &mut [(Lot, Points)],
    ) -> Result<()> {
        for (lot, _) in lots.iter_mut().filter(|(lot, _)| lot.slides) {
            if let Some(until) = lot.expires_at.take() {
                self.change(member)?.begin_to_last(point_type, until);
            }
        }
        Ok(())
    }

    /// Gives back what was taken of lots. One that is over lasts for the days of grace from now on, and
    /// so does one to which something came back when it was over.
    pub(super) fn give_back(
        &mut self,
        (member, point_type): (MemberId, &PointType),
        transaction_id: TransactionId,
        used_by: TransactionId,
        used: Vec<UsedLot>,
    ) -> Result<Points> {
        let now = self.program().now;
        let grace = now.plus(self.program().definition.points_of(point_type).grace);
        let points = Points::sum(used.iter().map(|used| used.points))?;
        let lasts_on = self.state(member)?.slides_until(point_type).is_some();
        let mut back: Vec<_> = used.into_iter().map(|used| (used.lot, used.points)).collect();
        for (lot, amount) in &mut back {
            let amount = *amount;
            self.insert(&LotReturnRow { used_by, lot_id: lot.id, transaction_id, amount });
            lot.come_back(lot.is_over(now) || (lot.is_sliding() && !lasts_on), grace);
        }
        let paid = self.change(member)?.give_back(point_type, back)?;
        self.pay(transaction_id, member, point_type, &paid)?;
        Ok(points)
    }
}
