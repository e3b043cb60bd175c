//! Giving back points that paid for a purchase of which something came back.

use super::Operation;
use super::cause::Cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{PointType, UsedLot};
use crate::facts::PointsRefunded;
use crate::{AccountId, MemberId, Points, Result, Timestamp, TransactionId};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Points to be given back, and why.
#[derive(Debug)]
pub(crate) struct Refunding<'a> {
    /// By which they were spent.
    pub(crate) payment: TransactionId,
    /// The lots that they came from, with what of each was not given back yet.
    pub(crate) used: &'a [UsedLot],
    /// How many; what was given back already is left out.
    pub(crate) points: Points,
    pub(crate) at: Timestamp,
    /// Whose purchase it is.
    pub(crate) buyer: MemberId,
    pub(crate) cause: Cause,
    /// What others learn who had paid of it.
    pub(crate) cause_for_others: Cause,
}

/// Points that were given back to a member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refunded {
    pub(crate) member: MemberId,
    pub(crate) points: Points,
    pub(crate) transaction: TransactionId,
}

impl Operation<'_> {
    /// Gives points back to the lots that they came from, those that were taken last first, so that
    /// what is left is as if fewer had been spent; returns what each member got whose lots they are.
    /// What was paid by whoever was erased since is nobody's.
    pub(crate) fn refund(&mut self, refunding: &Refunding<'_>) -> Result<Vec<Refunded>> {
        let Refunding { payment, used, points, at, .. } = *refunding;
        let mut all = Vec::new();
        for (account, parts) in by_account(self.last_taken(used, points)?) {
            let (member, transaction) = (MemberId::from(account), TransactionId::new());
            if self.is_erased(member) {
                continue;
            }
            let is_buyers = member == refunding.buyer;
            let cause = if is_buyers { &refunding.cause } else { &refunding.cause_for_others };
            let point_type = parts[0].lot.point_type.clone();
            let points = self.give_back((member, &point_type), transaction, payment, parts)?;
            let of = (&point_type, points);
            let balance = self.post_refund(transaction, member, of, at, cause.clone())?;
            let fact = PointsRefunded { transaction_id: transaction, points, point_type, balance };
            self.record(member, at, fact)?;
            self.expire_of(member)?;
            all.push(Refunded { member, points, transaction });
        }
        Ok(all)
    }

    /// So many points out of what was used, out of the lots that expire last, as things stand with
    /// whose they are.
    fn last_taken(&self, used: &[UsedLot], points: Points) -> Result<Vec<UsedLot>> {
        let over_last = |used: &&UsedLot| {
            let state = self.states.get(&used.account.into());
            let slides_until = state.and_then(|state| state.slides_until(&used.lot.point_type));
            Reverse(used.lot.order(slides_until))
        };
        let mut by_order: Vec<_> = used.iter().collect();
        by_order.sort_by_key(over_last);
        let (mut missing, mut parts) = (points, Vec::new());
        for used in by_order {
            let part = missing.min(used.points);
            if part.is_positive() {
                parts.push(UsedLot { points: part, ..used.clone() });
                missing = missing.minus(part)?;
            }
        }
        Ok(parts)
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

/// Whose lots they are: of more than one account after an unmerge.
pub(super) fn by_account(used: Vec<UsedLot>) -> BTreeMap<AccountId, Vec<UsedLot>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for part in used {
        all.entry(part.account).or_default().push(part);
    }
    all
}
