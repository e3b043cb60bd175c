//! Returns as shops report them, and what is returned to the shop.

use crate::purchases::{PayerKind, PurchaseRef};
use crate::tiers::TierStanding;
use crate::{MemberId, Points, PurchaseId, Result, ReturnId, Timestamp, TransactionId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A return to be recorded.
#[derive(Clone, Debug)]
pub struct NewReturn {
    pub purchase: PurchaseRef,
    /// The shop's own number of the return, unique among the purchase's returns: the idempotency
    /// key, permanently.
    pub reference: String,
    /// The program's now when absent.
    pub returned_at: Option<Timestamp>,
    pub what: Returned,
}

/// What of a purchase comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Returned {
    /// Whatever is left of it, as when an order is cancelled.
    Whole,
    /// An amount in minor units, of no line in particular, as when a price is reduced.
    Amount(i64),
    /// Of lines, in this order.
    Lines(Vec<ReturnedLine>),
}

/// What of a line comes back: all that is left of it if neither quantity nor amount says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReturnedLine {
    pub line: LineRef,
    pub quantity: Option<u32>,
    /// In minor units; follows from the quantity when absent.
    pub amount_minor: Option<i64>,
}

/// How a line is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum LineRef {
    /// From 1.
    Position(u32),
    /// All lines of the product, the first ones first.
    Sku(String),
}

/// Part of a line that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnedPart {
    /// From 1; 0 stands for a purchase without lines.
    pub position: i32,
    pub quantity: i64,
    pub amount_minor: i64,
    /// What it had earned.
    pub points: Points,
}

/// The parts of each line as one, in the order of the lines.
pub(crate) fn by_line(parts: impl IntoIterator<Item = ReturnedPart>) -> Result<Vec<ReturnedPart>> {
    let mut by_line: BTreeMap<i32, ReturnedPart> = BTreeMap::new();
    for part in parts {
        match by_line.entry(part.position) {
            Entry::Vacant(entry) => drop(entry.insert(part)),
            Entry::Occupied(mut entry) => {
                let line = entry.get_mut();
                line.quantity += part.quantity;
                line.amount_minor += part.amount_minor;
                line.points = line.points.plus(part.points)?;
            }
        }
    }
    Ok(by_line.into_values().collect())
}

/// What of a return points had paid, and were given back for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refund {
    pub points: Points,
    /// What they were worth: so much less is paid back in money.
    pub amount_minor: i64,
    /// By which they were given back, if any were.
    pub transaction: Option<TransactionId>,
}

/// What of a return went back to one of those whose points had paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundedTo {
    /// Whose points had paid; of a gift card its own account, also when somebody has claimed it.
    pub member: MemberId,
    pub kind: PayerKind,
    pub points: Points,
    /// What they were worth.
    pub amount_minor: i64,
    /// By which they were given back: the first of several.
    pub transaction: TransactionId,
}

/// What a return took back from one of the accounts that the purchase accrued to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccrualTaken {
    /// Whose account it is: the buyer's, or that of a group.
    pub member: MemberId,
    /// What the returned part had earned it.
    pub points: Points,
    /// What of that was taken back.
    pub points_taken: Points,
    /// After it.
    pub balance: Points,
    /// By which it was taken back, if any was.
    pub transaction: Option<TransactionId>,
}

/// What the recording of a return returns, the same at every repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnReceipt {
    pub id: ReturnId,
    pub reference: String,
    pub purchase: PurchaseId,
    pub purchase_reference: String,
    pub member: MemberId,
    pub returned_at: Timestamp,
    pub amount_minor: i64,
    pub parts: Vec<ReturnedPart>,
    /// Whether nothing of the purchase is left.
    pub is_whole: bool,
    /// What the returned part had earned.
    pub points: Points,
    /// What of that was taken back. The rest had expired, was voided, or was not there and may not
    /// be owed.
    pub points_taken: Points,
    /// By which it was taken back, if any was.
    pub transaction: Option<TransactionId>,
    /// What was taken back from the member besides, because a referral is not completed any more.
    pub referral_points_taken: Points,
    /// What was taken back from each account that the purchase accrued to, the member's first.
    pub accruals: Vec<AccrualTaken>,
    /// What of it points had paid.
    pub refund: Refund,
    /// To whom these went back, in the order in which they did.
    pub refunds: Vec<RefundedTo>,
    /// After all of it.
    pub balance: Points,
    pub standing: TierStanding,
}

impl ReturnReceipt {
    /// What was taken back from the member itself.
    pub(super) const fn own(&self) -> AccrualTaken {
        AccrualTaken {
            member: self.member,
            points: self.points,
            points_taken: self.points_taken,
            balance: self.balance,
            transaction: self.transaction,
        }
    }
}
