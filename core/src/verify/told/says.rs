//! What is said of rows beside the ledger: once by the events that told of them when they were
//! written, and once by the rows themselves.

use crate::{
    EditId, HoldId, Id, MemberId, PurchaseId, RedemptionId, ReturnId, Timestamp, TransactionId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use uuid::Uuid;

/// What is said of one row. Whatever is in it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub(super) enum Says {
    Purchase(Purchase),
    Edit(Edit),
    /// What an edit took away, which is a row of returns.
    Removed(Returned<EditId>),
    Return(Returned<ReturnId>),
    Redemption(Redemption),
    Hold(Hold),
    HoldEnded(HoldEnded),
    Pending(Pending),
    Transfer(Transfer),
    Merge(Merge),
    Unmerge(Unmerge),
    Earning(Earning),
    Spent(Spent),
    Adjusted(Adjusted),
    Opening(Opening),
    Completed(Completed),
}

/// A line as it was bought.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) sku: String,
    pub(super) category: Option<String>,
    pub(super) quantity: i64,
    pub(super) amount_minor: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Purchase {
    #[serde(skip)]
    pub(super) id: PurchaseId,
    pub(super) member: MemberId,
    pub(super) reference: String,
    pub(super) currency: String,
    pub(super) total_minor: i64,
    pub(super) points: i64,
    pub(super) purchased_at: Timestamp,
    pub(super) recorded_at: Timestamp,
    pub(super) lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Edit {
    #[serde(skip)]
    pub(super) id: EditId,
    pub(super) purchase: PurchaseId,
    pub(super) reference: String,
    pub(super) total_before_minor: i64,
    pub(super) total_minor: i64,
    pub(super) points: i64,
    pub(super) edited_at: Timestamp,
    pub(super) recorded_at: Timestamp,
    /// In an order of their own.
    pub(super) added: Vec<Line>,
    /// Events of earlier versions say nothing of it, and neither do the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) left: Option<Left>,
}

/// How an edit leaves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Left {
    pub(super) is_whole: bool,
    /// What of what was added points pay that had paid for what was taken away.
    pub(super) paid_points: i64,
    pub(super) paid_minor: i64,
}

/// Parts of lines that came back: how many and for how much, by their position.
pub(super) type Parts = BTreeMap<i64, (i64, i64)>;

/// What came back, named by a return or by an edit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Returned<I> {
    #[serde(skip)]
    pub(super) by: I,
    pub(super) purchase: PurchaseId,
    pub(super) is_whole: bool,
    pub(super) points: i64,
    pub(super) points_taken: i64,
    pub(super) returned_at: Timestamp,
    pub(super) recorded_at: Timestamp,
    pub(super) lines: Parts,
    /// What an edit does not say of what it took away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) whole: Option<WholeReturn>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WholeReturn {
    pub(super) reference: String,
    pub(super) amount_minor: i64,
    pub(super) transaction: Option<TransactionId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Redemption {
    #[serde(skip)]
    pub(super) id: RedemptionId,
    pub(super) member: MemberId,
    pub(super) reward: String,
    pub(super) points: i64,
    pub(super) redeemed_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hold {
    #[serde(skip)]
    pub(super) id: HoldId,
    pub(super) member: MemberId,
    pub(super) transaction: TransactionId,
    pub(super) point_type: String,
    pub(super) points: i64,
    pub(super) reason: String,
    pub(super) held_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HoldEnded {
    #[serde(skip)]
    pub(super) id: HoldId,
    /// As the table names it.
    pub(super) outcome: String,
    pub(super) captured: i64,
    pub(super) ended_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pending {
    #[serde(skip)]
    pub(super) transaction: TransactionId,
    pub(super) point_type: String,
    pub(super) points: i64,
    pub(super) awaits: Option<String>,
    pub(super) reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transfer {
    #[serde(skip)]
    pub(super) sent: TransactionId,
    pub(super) sender: MemberId,
    pub(super) received: TransactionId,
    /// Whether whoever is named as the receiver has that transaction.
    pub(super) is_received: bool,
    pub(super) point_type: String,
    pub(super) points: i64,
    pub(super) sent_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Merge {
    #[serde(skip)]
    pub(super) from: MemberId,
    pub(super) into: MemberId,
    pub(super) reason: String,
    pub(super) merged_at: Timestamp,
}

/// Both sides have an event of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unmerge {
    /// Smaller first.
    #[serde(skip)]
    pub(super) members: [MemberId; 2],
    pub(super) reason: String,
    pub(super) unmerged_at: Timestamp,
}

/// What a purchase earned by a transaction that is not the first of the main points: what the
/// transaction says, which is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Earning {
    #[serde(skip)]
    pub(super) transaction: TransactionId,
    pub(super) purchase: PurchaseId,
    pub(super) point_type: String,
    pub(super) points: i64,
}

/// What was spent by a transaction: on a purchase or a reward, alone or with others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spent {
    #[serde(skip)]
    pub(super) transaction: TransactionId,
    #[serde(skip)]
    pub(super) table: Table,
    pub(super) on: Uuid,
    pub(super) points: i64,
}

/// Which row says it, or would. It is not compared: of the same transaction several may.
#[derive(Clone, Copy, Debug, Eq)]
pub(super) enum Table {
    Purchases,
    Redemptions,
    SpendParts,
}

impl PartialEq for Table {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Hash for Table {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// By which transaction a request of an operator was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Adjusted {
    #[serde(skip)]
    pub(super) transaction: TransactionId,
    pub(super) member: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approved: Option<Approved>,
}

/// What one operator has asked for and another approved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Approved {
    pub(super) point_type: String,
    pub(super) points: i64,
    pub(super) reason: String,
    pub(super) counts_as_earned: bool,
    pub(super) requested_by: String,
    pub(super) decided_by: String,
    pub(super) effective_at: Timestamp,
}

/// What another system calls points that were taken over.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opening {
    #[serde(skip)]
    pub(super) transaction: TransactionId,
    pub(super) member: MemberId,
    pub(super) reference: String,
}

/// That a referral is completed, by whoever was brought.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Completed {
    #[serde(skip)]
    pub(super) referred: MemberId,
    pub(super) is_completed: bool,
}

impl Says {
    /// Of which row it is said: the table, and its key.
    pub(super) fn of(&self) -> (&'static str, String) {
        match self {
            Self::Purchase(of) => ("purchases", of.id.to_string()),
            Self::Edit(of) => ("edits", of.id.to_string()),
            Self::Removed(of) => ("returns", of.by.to_string()),
            Self::Return(of) => ("returns", of.by.to_string()),
            Self::Redemption(of) => ("redemptions", of.id.to_string()),
            Self::Hold(Hold { id, .. }) | Self::HoldEnded(HoldEnded { id, .. }) => {
                ("holds", id.to_string())
            }
            Self::Pending(of) => ("pendings", of.transaction.to_string()),
            Self::Transfer(of) => ("transfers", of.sent.to_string()),
            Self::Merge(of) => ("merges", of.from.to_string()),
            Self::Unmerge(of) => ("unmerges", of.members[0].to_string()),
            Self::Earning(of) => ("purchase_earnings", of.transaction.to_string()),
            Self::Spent(of) => match of.table {
                Table::Purchases => ("purchases", PurchaseId::from_uuid(of.on).to_string()),
                Table::Redemptions => ("redemptions", RedemptionId::from_uuid(of.on).to_string()),
                Table::SpendParts => ("spend_parts", of.transaction.to_string()),
            },
            Self::Adjusted(Adjusted { approved: Some(_), transaction, .. }) => {
                ("approvals", transaction.to_string())
            }
            Self::Adjusted(of) => ("adjustments", of.transaction.to_string()),
            Self::Opening(of) => ("openings", of.transaction.to_string()),
            Self::Completed(of) => ("referrals", of.referred.to_string()),
        }
    }

    /// The same for all that is said of a row in this way.
    pub(super) fn key(&self) -> (u8, Uuid) {
        match self {
            Self::Purchase(of) => (0, of.id.uuid()),
            Self::Edit(of) => (1, of.id.uuid()),
            Self::Removed(of) => (2, of.by.uuid()),
            Self::Return(of) => (3, of.by.uuid()),
            Self::Redemption(of) => (4, of.id.uuid()),
            Self::Hold(of) => (5, of.id.uuid()),
            Self::HoldEnded(of) => (6, of.id.uuid()),
            Self::Pending(of) => (7, of.transaction.uuid()),
            Self::Transfer(of) => (8, of.sent.uuid()),
            Self::Merge(of) => (9, of.from.uuid()),
            Self::Unmerge(of) => (10, of.members[0].uuid()),
            Self::Earning(of) => (11, of.transaction.uuid()),
            Self::Spent(of) => (12, of.transaction.uuid()),
            Self::Adjusted(of) if of.approved.is_some() => (13, of.transaction.uuid()),
            Self::Adjusted(of) => (14, of.transaction.uuid()),
            Self::Opening(of) => (15, of.transaction.uuid()),
            Self::Completed(of) => (16, of.referred.uuid()),
        }
    }

    pub(super) fn shown(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| format!("{self:?}"))
    }
}
