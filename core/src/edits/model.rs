//! Edits as shops report them, and what is returned to the shop.

use crate::cart::Cart;
use crate::earning::Appraisal;
use crate::purchases::{Accrued, EditedLine, PurchaseRef};
use crate::returns::{Refund, RefundedTo, ReturnedPart};
use crate::tiers::TierStanding;
use crate::{EditId, MemberId, Points, PurchaseId, Timestamp, TransactionId};

/// An edit to be recorded.
#[derive(Clone, Debug)]
pub struct NewEdit {
    pub purchase: PurchaseRef,
    /// The shop's own number of the edit, unique among the purchase's edits: the idempotency key,
    /// permanently.
    pub reference: String,
    /// The program's now when absent.
    pub edited_at: Option<Timestamp>,
    /// The order as it is now, what came back of it included.
    pub cart: Cart,
    /// For people.
    pub reason: Option<String>,
}

/// What the recording of an edit returns, the same at every repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditReceipt {
    pub id: EditId,
    pub reference: String,
    pub reason: Option<String>,
    pub purchase: PurchaseId,
    pub purchase_reference: String,
    pub member: MemberId,
    pub edited_at: Timestamp,
    /// What the order cost before, and what it costs now, what came back of it included.
    pub total_before_minor: i64,
    pub total_minor: i64,
    /// Whether nothing of the order is left.
    pub is_whole: bool,
    pub added: Vec<EditedLine>,
    /// What of the main points was added has earned.
    pub points: Points,
    /// Earned besides, because something was bought now, which completed a referral.
    pub referral_points: Points,
    /// By which it has earned them, if it has.
    pub transaction: Option<TransactionId>,
    /// Why it has earned them.
    pub appraisal: Appraisal,
    pub removed: Removed,
    /// What it did at each account that the order accrues to, the member's first.
    pub accruals: Vec<AccrualEdited>,
    /// After all of it.
    pub balance: Points,
    pub standing: TierStanding,
}

/// What an edit did at one of the accounts that the order accrues to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccrualEdited {
    /// What was added has earned it, with its balance after all of it.
    pub earned: Accrued,
    /// What was taken away had earned it.
    pub points_removed: Points,
    /// What of that was taken back.
    pub points_taken: Points,
    /// By which it was taken back, if any was.
    pub taken_by: Option<TransactionId>,
}

/// What an edit has taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub lines: Vec<ReturnedPart>,
    /// What it had earned.
    pub points: Points,
    /// What of that was taken back. The rest had expired, was voided, or was not there and may not
    /// be owed.
    pub points_taken: Points,
    /// By which it was taken back, if any was.
    pub transaction: Option<TransactionId>,
    /// What was taken back from the member besides, because a referral is not completed any more.
    pub referral_points_taken: Points,
    /// Points that had paid more than the order costs now, and were given back.
    pub refund: Refund,
    /// To whom these went back, in the order in which they did.
    pub refunds: Vec<RefundedTo>,
}

impl AccrualEdited {
    pub(super) fn new(
        (member, balance): (MemberId, Points),
        appraisal: &Appraisal,
        transaction: Option<TransactionId>,
        removed: &Removed,
    ) -> Self {
        Self {
            earned: Accrued::new(member, appraisal, balance, transaction),
            points_removed: removed.points,
            points_taken: removed.points_taken,
            taken_by: removed.transaction,
        }
    }
}
