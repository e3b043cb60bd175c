//! How points go: out of the lots that expire first.

use super::Operation;
use super::cause::Cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::LotPart;
use crate::facts::PointsSpent;
use crate::{MemberId, PointType, Points, Result, Timestamp, TransactionId};

/// What is spent, when and why.
#[derive(Debug)]
pub(crate) struct Spending {
    pub(crate) points: Points,
    pub(crate) point_type: PointType,
    pub(crate) at: Timestamp,
    /// Why, in the words of the domain.
    pub(crate) cause: Cause,
    /// For people.
    pub(crate) reason: String,
    /// The reward that they were spent on, if any.
    pub(crate) reward: Option<String>,
}

impl Operation<'_> {
    /// Takes points from a member, from the lots that expire first, and records it. Fails with
    /// `INSUFFICIENT_POINTS`.
    pub(crate) fn spend(&mut self, member: MemberId, spending: Spending) -> Result<TransactionId> {
        self.active(member, spending.at)?;
        let parts = self.change(member)?.spend(&spending.point_type, spending.points)?;
        self.post_spent(member, spending, &parts)
    }

    /// Posts what was spent out of lots, and records it.
    pub(super) fn post_spent(
        &mut self,
        member: MemberId,
        spending: Spending,
        parts: &[LotPart],
    ) -> Result<TransactionId> {
        let Spending { points, point_type, at, cause, reason, reward } = spending;
        let id = TransactionId::new();
        self.use_lots(id, parts);
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Spend,
                against: SystemAccount::Redeemed,
                point_type: point_type.clone(),
                points: points.negated()?,
                at,
                because: cause.into(),
            },
        )?;
        let fact = PointsSpent { transaction_id: id, points, point_type, balance, reason, reward };
        self.record(member, at, fact)?;
        Ok(id)
    }
}
