//! Postings: how points come, go and expire in an operation. Each is a transaction of two entries
//! that sum to zero – the member's wallet and one of the program's own accounts – with the lots
//! that it made or used.

use super::Operation;
use crate::accounts::{Expired, LotPart, MemberState, PointType};
use crate::db::row;
use crate::events::Reach;
use crate::facts::{PointsEarned, PointsExpired, PointsSpent};
use crate::journal::Item;
use crate::{
    AccountId, Error, LotId, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId,
};
use serde_json::{Value, json};

/// What a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Earn,
    Spend,
    Expire,
    /// Takes an expiry back that came too early.
    Restore,
}

/// The program's own accounts, the other side of every entry of a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SystemAccount {
    /// Points in members' hands come from here.
    Issued,
    Redeemed,
    /// Points that expired.
    Breakage,
}

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

/// One posting, decided.
pub(super) struct Posting {
    pub(super) member: MemberId,
    pub(super) kind: Kind,
    pub(super) point_type: PointType,
    /// What the wallet gains, or loses when negative.
    pub(super) points: Points,
    /// What the wallet holds after it.
    pub(super) balance: Points,
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
        self.change(member)?.earn(&point_type, points, id, at, expires_at)?;
        let balance = self.balance(member)?;
        let kind = Kind::Earn;
        self.post(id, Posting { member, kind, point_type, points, balance, at, because })?;
        let fact = PointsEarned { transaction_id: id, points, balance, reason };
        self.record_for(reach, member, at, fact)?;
        self.expire_of(member)?;
        Ok(id)
    }

    /// Takes points from a member, from the lots that expire first, and records it. Fails with
    /// `INSUFFICIENT_POINTS`.
    pub(crate) fn spend(&mut self, member: MemberId, spending: Spending) -> Result<TransactionId> {
        let Spending { points, at, explanation, reason, reward } = spending;
        let point_type = self.point_type();
        let parts = self.change(member)?.spend(&point_type, points)?;
        let id = TransactionId::new();
        self.use_lots(id, &parts);
        let (kind, because) = (Kind::Spend, Because::Explained(explanation));
        let (taken, balance) = (points.negated()?, self.balance(member)?);
        self.post(id, Posting { member, kind, point_type, points: taken, balance, at, because })?;
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

    fn expire_of(&mut self, member: MemberId) -> Result<()> {
        let now = self.program.now;
        for expired in self.change(member)?.expire(now)? {
            self.post_expired(member, expired)?;
        }
        Ok(())
    }

    fn post_expired(&mut self, member: MemberId, expired: Expired) -> Result<()> {
        let Expired { point_type, at, parts, points: taken, balance } = expired;
        let id = TransactionId::new();
        self.use_lots(id, &parts);
        let because = Because::Explained(json!({ "reason": "expired" }));
        let (kind, points) = (Kind::Expire, taken.negated()?);
        self.post(id, Posting { member, kind, point_type, points, balance, at, because })?;
        self.record(member, at, PointsExpired { transaction_id: id, points: taken, balance })
    }

    fn use_lots(&mut self, transaction_id: TransactionId, parts: &[LotPart]) {
        for part in parts {
            self.insert(&LotUseRow { transaction_id, lot_id: part.lot, amount: part.points });
        }
    }

    /// One transaction of two entries that sum to zero.
    pub(super) fn post(&mut self, id: TransactionId, posting: Posting) -> Result<()> {
        let Posting { member, kind, point_type, points, balance, at, because } = posting;
        let account = AccountId::from(member);
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
        let other = kind.other_side().as_str();
        self.insert(&entry(1, Some(account), None, points, Some(balance)));
        self.insert(&entry(2, None, Some(other), points.negated()?, None));
        Ok(())
    }
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Earn => "EARN",
            Self::Spend => "SPEND",
            Self::Expire => "EXPIRE",
            Self::Restore => "RESTORE",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let all = [Self::Earn, Self::Spend, Self::Expire, Self::Restore];
        let found = all.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| Error::internal(format!("a transaction has the kind `{text}`")))
    }

    const fn other_side(self) -> SystemAccount {
        match self {
            Self::Earn => SystemAccount::Issued,
            Self::Spend => SystemAccount::Redeemed,
            Self::Expire | Self::Restore => SystemAccount::Breakage,
        }
    }
}

impl SystemAccount {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "ISSUED",
            Self::Redeemed => "REDEEMED",
            Self::Breakage => "BREAKAGE",
        }
    }
}
