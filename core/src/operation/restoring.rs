//! Giving back what expired too early: the expiry stays as what happened, and a transaction of its
//! own undoes it, lot by lot.

use super::Operation;
use super::cause::{self, RestorationReason};
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{EarlyExpiry, Lot, PointType};
use crate::db::row;
use crate::facts::PointsRestored;
use crate::{LotId, MemberId, Points, Result, TransactionId};

row! {
    pub(super) struct LotReturnRow in "lot_returns" {
        pub(super) used_by: TransactionId,
        pub(super) lot_id: LotId,
        pub(super) transaction_id: TransactionId,
        pub(super) amount: Points,
    }
}

impl Operation<'_> {
    /// Gives a member back what one transaction expired too early, and records it. The database
    /// refuses to give the same back twice.
    pub(crate) fn restore(
        &mut self,
        early: EarlyExpiry,
        reason: RestorationReason,
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
        let at = self.program().now;
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
}
