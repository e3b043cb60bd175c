//! Postings: each is a transaction of two entries that sum to zero – the member's wallet and one of
//! the program's own accounts – with the lots that it used and what it changed of what is owed.

use super::Operation;
use super::cause::Cause;
use super::kind::{Kind, SystemAccount};
use crate::accounts::LotPart;
use crate::db::row;
use crate::journal::Item;
use crate::{
    AccountId, Error, LotId, MemberId, PointType, Points, PurchaseId, Result, Timestamp,
    TransactionId, hash,
};
use serde_json::Value;

/// Why points change.
#[derive(Clone, Debug)]
pub(crate) enum Because {
    /// A purchase, whose own appraisal says the rest.
    Purchase(PurchaseId),
    /// What a purchase earned later, and why; its own row, or that of what it brought a group.
    Later { of: PurchaseId, row: PurchaseId, cause: Cause },
    /// What a purchase of one of its people brought a group: a row of its own.
    Share { of: PurchaseId, share: PurchaseId },
    /// Anything else.
    Of(Cause),
}

impl From<Cause> for Because {
    fn from(cause: Cause) -> Self {
        Self::Of(cause)
    }
}

impl Because {
    /// The purchase that it is about, if it is one.
    pub(super) fn purchase(&self) -> Option<PurchaseId> {
        match self {
            Self::Purchase(purchase)
            | Self::Later { of: purchase, .. }
            | Self::Share { of: purchase, .. } => Some(*purchase),
            Self::Of(_) => None,
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
        salt: Vec<u8>,
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
            Because::Purchase(purchase) | Because::Share { share: purchase, .. } => {
                (Some(purchase), None)
            }
            Because::Later { row, cause, .. } => (Some(row), Some(as_json(&cause)?)),
            Because::Of(cause) => (None, Some(as_json(&cause)?)),
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
            salt: hash::salt(),
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

fn as_json(cause: &Cause) -> Result<Value> {
    serde_json::to_value(cause)
        .map_err(|error| Error::internal("a cause that cannot be JSON").caused_by(error))
}
