//! Transferring: points that a member gives to another. What leaves the one comes to the other in the
//! same commit, by a transaction on each side, and expires when it would have expired.

use super::Operation;
use super::cause::{self, TransferRole};
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{Credit, PointType, Portion};
use crate::facts::PointsTransferred;
use crate::{MemberId, Points, Result, TransactionId};

/// Points that go from one member to another, and why.
#[derive(Debug)]
pub(crate) struct Transferring<'a> {
    pub(crate) from: MemberId,
    pub(crate) to: MemberId,
    pub(crate) points: Points,
    pub(crate) point_type: &'a PointType,
    /// For people: both see it.
    pub(crate) reason: &'a str,
}

/// One side of a transfer.
#[derive(Clone, Copy)]
struct Side {
    member: MemberId,
    transaction: TransactionId,
    role: TransferRole,
}

impl Operation<'_> {
    /// Takes points from one member, out of the lots that expire first, and gives them to another:
    /// a lot for each instant at which some of them expire. They count as earned by nobody anew.
    /// Returns the transaction of each side. Fails with `INSUFFICIENT_POINTS`, `OVERFLOW`,
    /// `CARD_BLOCKED` or `CARD_ENDED`.
    pub(crate) fn transfer(
        &mut self,
        transferring: &Transferring<'_>,
    ) -> Result<(TransactionId, TransactionId)> {
        let Transferring { from, to, points, point_type, .. } = *transferring;
        let sent =
            Side { member: from, transaction: TransactionId::new(), role: TransferRole::Sent };
        let received =
            Side { member: to, transaction: TransactionId::new(), role: TransferRole::Received };
        self.state(to)?.check_may_be_loaded()?;
        let state = self.change(from)?;
        state.check_may_pay()?;
        let parts = state.spend(point_type, points)?;
        let portions = state.portions(&parts)?;
        self.use_lots(sent.transaction, &parts);
        self.post_side(transferring, (sent, received), points.negated()?)?;
        let credit = |portion: Portion| Credit {
            point_type: point_type.clone(),
            points: portion.points,
            transaction: received.transaction,
            at: portion.earned_at,
            expires_at: portion.expires_at,
            slides: portion.slides,
        };
        if portions.iter().any(|portion| portion.slides)
            && let Some(until) = self.state(from)?.slides_until(point_type)
        {
            self.change(to)?.begin_to_last(point_type, until);
        }
        let credits = portions.into_iter().map(credit);
        let paid = self.change(to)?.credit_all(point_type, credits)?;
        self.pay(received.transaction, to, point_type, &paid)?;
        self.post_side(transferring, (received, sent), points)?;
        Ok((sent.transaction, received.transaction))
    }

    /// Posts what one side lost or gained, and records it.
    fn post_side(
        &mut self,
        transferring: &Transferring<'_>,
        (side, other): (Side, Side),
        points: Points,
    ) -> Result<()> {
        let Transferring { point_type, reason, .. } = *transferring;
        let at = self.program().now;
        let cause = cause::Transfer {
            transfer: side.role,
            member: other.member,
            transaction: other.transaction,
            reason: reason.to_owned(),
            revision: self.program().revision,
        };
        let balance = self.post(
            side.transaction,
            Posting {
                member: side.member,
                kind: Kind::Transfer,
                against: SystemAccount::Transferred,
                point_type: point_type.clone(),
                points,
                at,
                because: cause.into(),
            },
        )?;
        let fact = PointsTransferred {
            transaction_id: side.transaction,
            other_transaction_id: other.transaction,
            points,
            point_type: point_type.clone(),
            balance,
            reason: reason.to_owned(),
        };
        self.record(side.member, at, fact)
    }
}
