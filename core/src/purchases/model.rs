//! Purchases as shops report them, and what is returned.

use super::missed::MissedAppraisal;
use crate::accounts::{Cut, PointType};
use crate::cards::CardRef;
use crate::cart::{Cart, Line};
use crate::earning::{Appraisal, OfType};
use crate::members::MemberRef;
use crate::operation::ComesBy;
use crate::tiers::TierStanding;
use crate::{
    Currency, EditId, HoldId, Id, MemberId, Points, PurchaseId, Result, ReturnId, Timestamp,
    TransactionId, text,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A purchase to be recorded.
#[derive(Clone, Debug)]
pub struct NewPurchase {
    pub member: MemberRef,
    /// The shop's own order number: the idempotency key, permanently.
    pub reference: String,
    /// The program's now when absent.
    pub purchased_at: Option<Timestamp>,
    pub cart: Cart,
    pub pay_with: Option<PayWith>,
}

/// Points that pay for a purchase, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum PayWith {
    /// Of the buyer's own.
    Points(Points),
    /// What a hold of the buyer has reserved.
    Hold(HoldId),
    /// Of several accounts, in this order.
    Sources(Vec<PaySource>),
}

/// Points of one account that pay for a purchase, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum PaySource {
    /// Of the buyer's own.
    Points(Points),
    /// What a hold of the buyer has reserved.
    Hold(HoldId),
    GiftCard {
        card: CardRef,
        /// All that is on it when absent, as far as the others leave something to be paid.
        points: Option<Points>,
    },
    /// Of a group for which the buyer may spend.
    Group { group: MemberRef, points: Points },
}

/// Who has paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayerKind {
    Buyer,
    GiftCard,
    Group,
}

/// What of a purchase points have paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    pub points: Points,
    /// What they were worth.
    pub amount_minor: i64,
    /// By which they were spent: the first of several.
    pub transaction: TransactionId,
    /// What each account has paid, in the order in which they paid.
    pub sources: Vec<PaidBy>,
}

/// What points of one account have paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidBy {
    /// Whose account it is; a gift card's own.
    pub member: MemberId,
    pub kind: PayerKind,
    pub points: Points,
    /// What they were worth.
    pub amount_minor: i64,
    /// By which they were spent: the first of several.
    pub transaction: TransactionId,
}

/// How points could pay for a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentQuote {
    /// The most of the member's own that could pay now; none if it is zero.
    pub most: Points,
    pub most_minor: i64,
    /// What was asked for.
    pub paid: Option<Paid>,
}

/// How a purchase is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PurchaseRef {
    Id(PurchaseId),
    /// The shop's own order number.
    Reference(String),
}

/// What the recording of a purchase returns, the same at every repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub purchase: PurchaseId,
    pub member: MemberId,
    pub reference: String,
    pub total_minor: i64,
    pub purchased_at: Timestamp,
    /// What the member got for the purchase itself; a completed referral pays on top.
    pub points: Points,
    pub referral_points: Points,
    /// After all of it.
    pub balance: Points,
    pub standing: TierStanding,
    pub appraisal: Appraisal,
    /// What of it points have paid.
    pub paid: Option<Paid>,
    /// By which the purchase itself earned, if it did.
    pub transaction: Option<TransactionId>,
    /// What each account got that it accrues to, the member's first; empty where nothing follows
    /// from it.
    pub accruals: Vec<Accrued>,
    /// Whether this very request recorded it; the only thing that a repeat returns differently.
    pub is_new: bool,
}

/// What a purchase brought an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrued {
    /// Whose account it is: the buyer's, or that of a group.
    pub member: MemberId,
    /// Of the program's main points.
    pub points: Points,
    /// The account's balance after it.
    pub balance: Points,
    /// By which it earned them, if it did.
    pub transaction: Option<TransactionId>,
    /// How many of the points cannot be spent yet.
    pub pending: Points,
    /// What caps took away of them.
    pub cuts: Vec<Cut>,
    /// What it earned of other types of points.
    pub others: BTreeMap<PointType, OfType>,
}

/// What a purchase would earn, and where it would leave the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What the member itself would get.
    pub points: Points,
    /// What each account would get that it accrues to.
    pub accruals: Vec<Accrued>,
    /// None in a program whose points pay for nothing.
    pub payment: Option<PaymentQuote>,
    pub standing: TierStanding,
    pub appraisal: Appraisal,
}

/// A purchase that was recorded, as it is after its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    pub id: PurchaseId,
    pub member: MemberId,
    /// The shop's own order number.
    pub reference: String,
    pub currency: Currency,
    pub total_minor: i64,
    pub purchased_at: Timestamp,
    pub recorded_at: Timestamp,
    /// What the member got for the purchase itself.
    pub points: Points,
    /// What each account got that it accrued to, the member's first.
    pub accruals: Vec<Accrued>,
    /// What of it points have paid.
    pub paid: Option<Paid>,
    /// What of what is left of it they pay, none of it if nothing is left; none if points have paid
    /// nothing.
    pub paid_left: Option<Paid>,
    /// Why it earned what it did when it was recorded.
    pub appraisal: Appraisal,
    pub lines: Vec<PurchaseLine>,
    /// In minor units.
    pub returned_minor: i64,
    /// What the returned part had earned.
    pub returned_points: Points,
    /// When the last of it came back; none while something of it stands.
    pub returned_at: Option<Timestamp>,
    /// What came back, in the order in which it was recorded.
    pub returns: Vec<PurchaseReturn>,
    /// How the order was changed after it was recorded, in that order.
    pub edits: Vec<PurchaseEdit>,
    /// Which plugins were not heard when it was recorded, and what came of asking them again.
    pub missed: Vec<MissedAppraisal>,
}

/// A change of an order after it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseEdit {
    pub id: EditId,
    /// The shop's own number of the edit.
    pub reference: String,
    pub reason: Option<String>,
    pub edited_at: Timestamp,
    pub total_before_minor: i64,
    pub total_minor: i64,
    pub added: Vec<EditedLine>,
    pub removed: Vec<ReturnedLine>,
    /// What was added has earned.
    pub points: Points,
    /// By which it has earned.
    pub transaction: Option<TransactionId>,
    /// What was taken away had earned.
    pub points_removed: Points,
    /// What of that was taken back.
    pub points_taken: Points,
    /// By which it was taken back.
    pub taken_by: Option<TransactionId>,
    /// Points that had paid more than the order costs now, and were given back.
    pub points_refunded: Points,
    /// Why what was added has earned.
    pub appraisal: Appraisal,
}

/// What an edit has added to a line, or as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedLine {
    /// From 1; 0 stands for a purchase without lines.
    pub position: i32,
    pub sku: String,
    /// Zero where only the price has risen.
    pub quantity: i64,
    pub amount_minor: i64,
    /// What it has earned.
    pub points: Points,
}

/// What of a purchase came back at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseReturn {
    pub id: ReturnId,
    /// The shop's own number of the return.
    pub reference: String,
    pub returned_at: Timestamp,
    pub amount_minor: i64,
    /// What it had earned.
    pub points: Points,
    /// What of that was taken back.
    pub points_taken: Points,
    /// By which it was taken back.
    pub transaction: Option<TransactionId>,
    /// Points that had paid for it, and were given back.
    pub points_refunded: Points,
    pub lines: Vec<ReturnedLine>,
}

/// Part of a line that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnedLine {
    /// From 1; 0 stands for a purchase without lines.
    pub position: i32,
    pub quantity: i64,
    pub amount_minor: i64,
    /// What it had earned.
    pub points: Points,
}

/// A line of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseLine {
    /// From 1.
    pub position: i32,
    pub line: Line,
    /// Its share of what the purchase earned.
    pub points: Points,
    pub returned_quantity: i64,
    /// In minor units.
    pub returned_minor: i64,
}

impl PurchaseRef {
    /// Fails with `INVALID_INPUT`.
    pub(crate) fn check(&self) -> Result<()> {
        let Self::Reference(reference) = self else { return Ok(()) };
        text::identifier("reference", reference).map_err(|error| error.at("purchase"))
    }

    /// What requests about one purchase have in common.
    pub(crate) fn comes_by(&self) -> ComesBy<'_> {
        match self {
            Self::Id(id) => ComesBy::Key(id.uuid()),
            Self::Reference(reference) => ComesBy::KeyName(reference),
        }
    }
}

impl Receipt {
    /// The group that got something of it.
    pub(super) fn group(&self) -> Option<MemberId> {
        let mut accounts = self.accruals.iter().map(|one| one.member);
        accounts.find(|account| *account != self.member)
    }
}

impl Accrued {
    pub(crate) fn new(
        member: MemberId,
        appraisal: &Appraisal,
        balance: Points,
        transaction: Option<TransactionId>,
    ) -> Self {
        Self {
            member,
            points: appraisal.points,
            balance,
            transaction,
            pending: appraisal.pending,
            cuts: appraisal.cuts.clone(),
            others: appraisal.others.clone(),
        }
    }
}
