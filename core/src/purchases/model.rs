//! Purchases as shops report them, and what is returned.

use crate::cart::Cart;
use crate::earning::Appraisal;
use crate::members::MemberRef;
use crate::tiers::TierStanding;
use crate::{MemberId, Points, PurchaseId, Timestamp};

/// A purchase to be recorded.
#[derive(Clone, Debug)]
pub struct NewPurchase {
    pub member: MemberRef,
    /// The shop's own order number: the idempotency key, permanently.
    pub reference: String,
    /// The program's now when absent.
    pub purchased_at: Option<Timestamp>,
    pub cart: Cart,
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
    /// Earned by the purchase itself; a completed referral pays on top.
    pub points: Points,
    pub referral_points: Points,
    /// After all of it.
    pub balance: Points,
    pub standing: TierStanding,
    pub appraisal: Appraisal,
    /// Whether this very request recorded it; the only thing that a repeat returns differently.
    pub is_new: bool,
}

/// What a purchase would earn, and where it would leave the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub points: Points,
    pub standing: TierStanding,
    pub appraisal: Appraisal,
}
