//! Giving back points that paid for a purchase of which something came back.

use super::Operation;
use super::cause::Cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{Lot, PointType};
use crate::facts::PointsRefunded;
use crate::{MemberId, Points, Result, Timestamp, TransactionId};

/// Points to be given back, and why.
#[derive(Debug)]
pub(crate) struct Refunding<'a> {
    pub(crate) member: MemberId,
    /// By which they were spent.
    pub(crate) payment: TransactionId,
    /// The lots that they came from, with what of each was not given back yet.
    pub(crate) used: &'a [(Lot, Points)],
    /// How many; what was given back already is left out.
    pub(crate) points: Points,
    pub(crate) at: Timestamp,
    pub(crate) cause: Cause,
}

impl Operation<'_> {
    /// Gives points back to the lots that they came from, those that were taken last first, so that
    /// what is left is as if fewer had been spent; returns how many, and by which transaction.
    pub(crate) fn refund(
        &mut self,
        refunding: Refunding<'_>,
    ) -> Result<Option<(TransactionId, Points)>> {
        let Refunding { member, payment, used, points, at, cause } = refunding;
        let parts = last_taken(used, points)?;
        let Some((lot, _)) = parts.first() else { return Ok(None) };
        let (id, point_type) = (TransactionId::new(), lot.point_type.clone());
        let points = self.give_back((member, &point_type), id, payment, parts)?;
        let balance = self.post_refund(id, member, (&point_type, points), at, cause)?;
        let fact = PointsRefunded { transaction_id: id, points, point_type, balance };
        self.record(member, at, fact)?;
        self.expire_of(member)?;
        Ok(Some((id, points)))
    }

    fn post_refund(
        &mut self,
        id: TransactionId,
        member: MemberId,
        (point_type, points): (&PointType, Points),
        at: Timestamp,
        cause: Cause,
    ) -> Result<Points> {
        self.post(
            id,
            Posting {
                member,
                kind: Kind::Refund,
                against: SystemAccount::Redeemed,
                point_type: point_type.clone(),
                points,
                at,
                because: cause.into(),
            },
        )
    }
}

/// So many points out of what was used, out of the lots that expire last.
fn last_taken(used: &[(Lot, Points)], points: Points) -> Result<Vec<(Lot, Points)>> {
    let mut by_order: Vec<_> = used.iter().collect();
    by_order.sort_by_key(|(lot, _)| std::cmp::Reverse(lot.order(None)));
    let (mut missing, mut parts) = (points, Vec::new());
    for (lot, of_lot) in by_order {
        let part = missing.min(*of_lot);
        if part.is_positive() {
            parts.push((lot.clone(), part));
            missing = missing.minus(part)?;
        }
    }
    Ok(parts)
}
