//! How points go: out of one wallet after the other, where the program says so, and in each out of the
//! lots that expire first; for a purchase also out of one account after the other.

use super::Operation;
use super::cause::Cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::LotPart;
use crate::db::row;
use crate::facts::PointsSpent;
use crate::{Error, MemberId, PointType, Points, Result, Timestamp, TransactionId};

/// What is spent, when and why.
#[derive(Clone, Debug)]
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

row! {
    /// That points of a wallet were spent together with those of another, perhaps of another account.
    struct SpendPartRow in "spend_parts" {
        /// By which the first of them were spent.
        transaction_id: TransactionId,
        seq: i32,
        part_id: TransactionId,
        points: Points,
    }
}

/// By which transactions points are spent together: the first, and how many came after it.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    first: Option<TransactionId>,
    others: i32,
}

impl Spent {
    pub(crate) fn first(&self) -> Result<TransactionId> {
        self.first.ok_or_else(|| Error::internal("nothing is spent"))
    }
}

impl Operation<'_> {
    /// What a member can spend on what costs points of a type, out of all wallets that pay for it.
    pub(crate) fn spendable(&self, member: MemberId, point_type: &PointType) -> Result<Points> {
        self.state(member)?.spendable(self.program().definition.spend_order(point_type))
    }

    /// Takes points from a member, wallet by wallet in the order in which they pay for points of the
    /// type, out of the lots that expire first, and records it. Returns the first transaction. Fails
    /// with `INSUFFICIENT_POINTS` or `CARD_BLOCKED`.
    pub(crate) fn spend(&mut self, member: MemberId, spending: &Spending) -> Result<TransactionId> {
        let mut spent = Spent::default();
        self.spend_parts(member, spending, &mut spent)?;
        spent.first()
    }

    /// The same together with what was spent before; returns the transactions, each with its points.
    pub(crate) fn spend_parts(
        &mut self,
        member: MemberId,
        spending: &Spending,
        spent: &mut Spent,
    ) -> Result<Vec<(TransactionId, Points)>> {
        self.state(member)?.check_may_pay()?;
        self.active(member, spending.at)?;
        let order = self.program().definition.spend_order(&spending.point_type);
        let shares = self.state(member)?.spend_shares(order, spending.points)?;
        let mut all = Vec::with_capacity(shares.len());
        for (point_type, points) in shares {
            let parts = self.change(member)?.spend(&point_type, points)?;
            let spending = Spending { points, point_type, ..spending.clone() };
            let part_id = self.post_spent(member, spending, &parts)?;
            self.spend_with(spent, part_id, points);
            all.push((part_id, points));
        }
        Ok(all)
    }

    /// Writes that points were spent together with what was spent before.
    pub(crate) fn spend_with(&mut self, spent: &mut Spent, part_id: TransactionId, points: Points) {
        match spent.first {
            None => spent.first = Some(part_id),
            Some(transaction_id) => {
                spent.others += 1;
                let seq = spent.others;
                self.insert(&SpendPartRow { transaction_id, seq, part_id, points });
            }
        }
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
