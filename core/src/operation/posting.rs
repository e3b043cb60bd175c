//! Postings: how points come, go and expire in an operation. Each is a transaction of two entries
//! that sum to zero – the member's wallet and one of the program's own accounts – with the lots
//! that it made or used.

use super::Operation;
use super::kind::{Kind, SystemAccount};
use crate::accounts::{Credit, Expired, LotPart, MemberState, PointType};
use crate::db::row;
use crate::events::Reach;
use crate::facts::{HoldOutcome, PointsEarned, PointsExpired, PointsSpent};
use crate::journal::Item;
use crate::{
    AccountId, LotId, MemberId, Points, PurchaseId, Result, Subject, Timestamp, TransactionId,
};
use serde_json::{Value, json};

/// Why points change.
#[derive(Clone, Debug)]
pub(crate) enum Because {
    /// A purchase, whose own appraisal says the rest.
    Purchase(PurchaseId),
    /// Anything else, in the words of the domain.
    Explained(Value),
}

/// What is earned, when and why.
#[derive(Debug)]
pub(crate) struct Earning {
    pub(crate) points: Points,
    pub(crate) at: Timestamp,
    pub(crate) because: Because,
    /// For people.
    pub(crate) reason: String,
    /// Which plugins receive the event.
    pub(crate) reach: Reach,
}

/// What is spent, when and why.
#[derive(Debug)]
pub(crate) struct Spending {
    pub(crate) points: Points,
    pub(crate) at: Timestamp,
    /// Why, in the words of the domain.
    pub(crate) explanation: Value,
    /// For people.
    pub(crate) reason: String,
    /// The reward that they were spent on, if any.
    pub(crate) reward: Option<String>,
}

row! {
    struct TransactionRow in "transactions" {
        id: TransactionId,
        account_id: AccountId,
        kind: &'static str,
        effective_at: Timestamp,
        recorded_at: Timestamp,
        actor: String,
        purchase_id: Option<PurchaseId>,
        explanation: Option<Value>,
    }
}

row! {
    struct EntryRow in "entries" {
        transaction_id: TransactionId,
        seq: i32,
        account_id: Option<AccountId>,
        system_account: Option<&'static str>,
        point_type: PointType,
        amount: Points,
        balance_after: Option<Points>,
    }
}

row! {
    struct LotUseRow in "lot_uses" {
        transaction_id: TransactionId,
        lot_id: LotId,
        amount: Points,
    }
}

row! {
    struct DebtRow in "debts" {
        transaction_id: TransactionId,
        account_id: AccountId,
        point_type: PointType,
        amount: Points,
    }
}

/// One posting, decided.
pub(super) struct Posting {
    pub(super) member: MemberId,
    pub(super) kind: Kind,
    /// The other side.
    pub(super) against: SystemAccount,
    pub(super) point_type: PointType,
    /// What the wallet gains, or loses when negative.
    pub(super) points: Points,
    pub(super) at: Timestamp,
    pub(super) because: Because,
}

impl Operation<'_> {
    /// Posts points to a member as one lot, which expires as the program's policy says, and records
    /// it. Points of long ago may be over already: then they expire here. Fails with `OVERFLOW`.
    pub(crate) fn earn(&mut self, member: MemberId, earning: Earning) -> Result<TransactionId> {
        let Earning { points, at, because, reason, reach } = earning;
        let point_type = self.point_type();
        let expires_at = self.program.definition.expiry_of(at)?;
        let id = TransactionId::new();
        let credit =
            Credit { point_type: point_type.clone(), points, transaction: id, at, expires_at };
        let paid = self.change(member)?.earn(credit)?;
        self.pay(id, member, &point_type, &paid)?;
        let (kind, against) = (Kind::Earn, SystemAccount::Issued);
        let balance =
            self.post(id, Posting { member, kind, against, point_type, points, at, because })?;
        let fact = PointsEarned { transaction_id: id, points, balance, reason };
        self.record_for(reach, member, at, fact)?;
        self.expire_of(member)?;
        Ok(id)
    }

    /// Takes points from a member, from the lots that expire first, and records it. Fails with
    /// `INSUFFICIENT_POINTS`.
    pub(crate) fn spend(&mut self, member: MemberId, spending: Spending) -> Result<TransactionId> {
        let point_type = self.point_type();
        let parts = self.change(member)?.spend(&point_type, spending.points)?;
        self.post_spent(member, spending, &parts)
    }

    /// Posts what was spent out of lots, and records it.
    pub(super) fn post_spent(
        &mut self,
        member: MemberId,
        spending: Spending,
        parts: &[LotPart],
    ) -> Result<TransactionId> {
        let Spending { points, at, explanation, reason, reward } = spending;
        let (id, point_type) = (TransactionId::new(), self.point_type());
        self.use_lots(id, parts);
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Spend,
                against: SystemAccount::Redeemed,
                point_type,
                points: points.negated()?,
                at,
                because: Because::Explained(explanation),
            },
        )?;
        let fact = PointsSpent { transaction_id: id, points, balance, reason, reward };
        self.record(member, at, fact)?;
        Ok(id)
    }

    /// Writes down what has expired by the program's now. Expiry is decided whenever anybody looks,
    /// so a late sweeper never changes an answer; the sweeper only finds those at whom nobody
    /// looked.
    pub(super) fn expire(&mut self) -> Result<()> {
        let now = self.program.now;
        let is_due = |(_, state): &(&MemberId, &MemberState)| state.is_due(now);
        let due: Vec<_> = self.states.iter().filter(is_due).map(|(member, _)| *member).collect();
        due.into_iter().try_for_each(|member| self.expire_of(member))
    }

    pub(super) fn expire_of(&mut self, member: MemberId) -> Result<()> {
        let now = self.program.now;
        for (hold, at) in self.state(member)?.holds_over(now) {
            self.expire_lots_of(member, at, None)?;
            self.release(member, hold, HoldOutcome::Expired, at)?;
        }
        self.expire_lots_of(member, now, None)
    }

    pub(super) fn expire_lots_of(
        &mut self,
        member: MemberId,
        now: Timestamp,
        free_since: Option<Timestamp>,
    ) -> Result<()> {
        // Whoever has set them free does not expire them.
        let actor = std::mem::replace(&mut self.actor, Subject::System);
        let posted = self.post_all_expired(member, now, free_since);
        self.actor = actor;
        posted
    }

    fn post_all_expired(
        &mut self,
        member: MemberId,
        now: Timestamp,
        free_since: Option<Timestamp>,
    ) -> Result<()> {
        while let Some(expired) = self.change(member)?.expire_first(now, free_since)? {
            self.post_expired(member, expired)?;
        }
        Ok(())
    }

    fn post_expired(&mut self, member: MemberId, expired: Expired) -> Result<()> {
        let Expired { point_type, at, parts, points: taken } = expired;
        let id = TransactionId::new();
        self.use_lots(id, &parts);
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Expire,
                against: SystemAccount::Breakage,
                point_type,
                points: taken.negated()?,
                at,
                because: Because::Explained(json!({ "reason": "expired" })),
            },
        )?;
        self.record(member, at, PointsExpired { transaction_id: id, points: taken, balance })
    }

    pub(super) fn use_lots(&mut self, transaction_id: TransactionId, parts: &[LotPart]) {
        for part in parts {
            self.insert(&LotUseRow { transaction_id, lot_id: part.lot, amount: part.points });
        }
    }

    /// Writes what a transaction paid of what the member owes, and out of which lots.
    pub(super) fn pay(
        &mut self,
        transaction_id: TransactionId,
        member: MemberId,
        point_type: &PointType,
        paid: &[LotPart],
    ) -> Result<()> {
        self.use_lots(transaction_id, paid);
        let points = Points::sum(paid.iter().map(|part| part.points))?.negated()?;
        self.owe(transaction_id, member, point_type, points);
        Ok(())
    }

    /// Writes what a member owes by a transaction; what is paid is below zero.
    pub(super) fn owe(
        &mut self,
        transaction_id: TransactionId,
        member: MemberId,
        point_type: &PointType,
        amount: Points,
    ) {
        if amount != Points::ZERO {
            let (account_id, point_type) = (member.into(), point_type.clone());
            self.insert(&DebtRow { transaction_id, account_id, point_type, amount });
        }
    }

    /// One transaction of two entries that sum to zero. The state has it already; returns the
    /// wallet's balance.
    pub(super) fn post(&mut self, id: TransactionId, posting: Posting) -> Result<Points> {
        let Posting { member, kind, against, point_type, points, at, because } = posting;
        let account = AccountId::from(member);
        let balance = self.state(member)?.balance(&point_type);
        let (purchase_id, explanation) = match because {
            Because::Purchase(purchase) => (Some(purchase), None),
            Because::Explained(explanation) => (None, Some(explanation)),
        };
        self.journal(Item::Transaction(id));
        self.insert(&TransactionRow {
            id,
            account_id: account,
            kind: kind.as_str(),
            effective_at: at,
            recorded_at: self.recorded_at,
            actor: self.actor.to_string(),
            purchase_id,
            explanation,
        });
        let entry = |seq, account_id, system_account, amount, balance_after| EntryRow {
            transaction_id: id,
            seq,
            account_id,
            system_account,
            point_type: point_type.clone(),
            amount,
            balance_after,
        };
        self.insert(&entry(1, Some(account), None, points, Some(balance)));
        self.insert(&entry(2, None, Some(against.as_str()), points.negated()?, None));
        Ok(balance)
    }
}
