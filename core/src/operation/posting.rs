//! Postings: how points come, go and expire in an operation. Each is a transaction of two entries
//! that sum to zero – the member's wallet and one of the program's own accounts – with the lots
//! that it made or used.

use super::Operation;
use super::kind::{Kind, SystemAccount};
use crate::accounts::{Credit, Due, Expired, LotPart, MemberState, PointType, Terms};
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
    pub(crate) terms: Terms,
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
    pub(crate) point_type: PointType,
    pub(crate) at: Timestamp,
    /// Why, in the words of the domain.
    pub(crate) explanation: Value,
    /// For people.
    pub(crate) reason: String,
    /// The reward that they were spent on, if any.
    pub(crate) reward: Option<String>,
}

impl Because {
    /// The purchase that it is about, if it is one.
    pub(super) fn purchase(&self) -> Option<PurchaseId> {
        match self {
            Self::Purchase(purchase) => Some(*purchase),
            Self::Explained(_) => None,
        }
    }
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
    /// Posts points to a member as one lot, on its terms, and records it. Points of long ago may be
    /// over already: then they expire here. Fails with `OVERFLOW`.
    pub(crate) fn earn(&mut self, member: MemberId, earning: Earning) -> Result<TransactionId> {
        let zone = &self.program.definition.zone;
        let id = match earning.terms.pending_until(earning.at, zone)? {
            Some(until) => self.promise(member, earning, until)?,
            None => self.earn_at_once(member, earning)?,
        };
        self.expire_of(member)?;
        Ok(id)
    }

    fn earn_at_once(&mut self, member: MemberId, earning: Earning) -> Result<TransactionId> {
        let Earning { points, terms, at, because, reason, reach } = earning;
        let point_type = terms.point_type;
        let expires_at = terms.expiry.after(at, &self.program.definition.zone)?;
        let id = TransactionId::new();
        let credit =
            Credit { point_type: point_type.clone(), points, transaction: id, at, expires_at };
        let paid = self.change(member)?.earn(credit)?;
        self.pay(id, member, &point_type, &paid)?;
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Earn,
                against: SystemAccount::Issued,
                point_type: point_type.clone(),
                points,
                at,
                because,
            },
        )?;
        let fact = PointsEarned { transaction_id: id, points, point_type, balance, reason };
        self.record_for(reach, member, at, fact)?;
        Ok(id)
    }

    /// Takes points from a member, from the lots that expire first, and records it. Fails with
    /// `INSUFFICIENT_POINTS`.
    pub(crate) fn spend(&mut self, member: MemberId, spending: Spending) -> Result<TransactionId> {
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
        let Spending { points, point_type, at, explanation, reason, reward } = spending;
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
                because: Because::Explained(explanation),
            },
        )?;
        let fact = PointsSpent { transaction_id: id, points, point_type, balance, reason, reward };
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

    /// The same of one member, of whom what is new may be over already.
    pub(crate) fn expire_of(&mut self, member: MemberId) -> Result<()> {
        while let Some((at, due)) = self.state(member)?.first_due(self.program.now) {
            self.by_itself(|operation| match due {
                Due::Expiry => operation.post_all_expired(member, at, None),
                Due::Hold(hold) => operation.release(member, hold, HoldOutcome::Expired, at),
                Due::Pending(lot) => operation.activate(member, lot, at).map(drop),
            })?;
        }
        Ok(())
    }

    /// Does what nobody causes: time does.
    fn by_itself(&mut self, change: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let actor = std::mem::replace(&mut self.actor, Subject::System);
        let done = change(self);
        self.actor = actor;
        done
    }

    /// Expires what was over while it was reserved, and is free since then.
    pub(super) fn expire_freed(&mut self, member: MemberId, since: Timestamp) -> Result<()> {
        self.by_itself(|operation| operation.post_all_expired(member, since, Some(since)))
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
                point_type: point_type.clone(),
                points: taken.negated()?,
                at,
                because: Because::Explained(json!({ "reason": "expired" })),
            },
        )?;
        let fact = PointsExpired { transaction_id: id, points: taken, point_type, balance };
        self.record(member, at, fact)
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
        let account = AccountId::from(posting.member);
        self.post_between(id, (Some(account), None), posting)
    }

    /// The same of points that are pending, and in no wallet.
    pub(super) fn post_pending(&mut self, id: TransactionId, posting: Posting) -> Result<Points> {
        self.post_between(id, (None, Some(SystemAccount::Pending.as_str())), posting)
    }

    /// The same of points that stay in their wallet; the entries are there to say of how many.
    pub(super) fn post_within(&mut self, id: TransactionId, posting: Posting) -> Result<Points> {
        self.post_between(id, (None, Some(posting.against.as_str())), posting)
    }

    fn post_between(
        &mut self,
        id: TransactionId,
        (wallet, pending): (Option<AccountId>, Option<&'static str>),
        posting: Posting,
    ) -> Result<Points> {
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
        self.insert(&entry(1, wallet, pending, points, Some(balance)));
        self.insert(&entry(2, None, Some(against.as_str()), points.negated()?, None));
        Ok(balance)
    }
}
