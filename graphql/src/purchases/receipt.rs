//! Receipts: what recording a purchase returns.

use super::accrued::Accrued;
use super::payment::Payment;
use crate::earning::Explanation;
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::scalars::{DateTime, Points};
use crate::tiers::{Progress, Tier};
use async_graphql::{ID, SimpleObject};
use perennial_core::purchases;

/// A recorded purchase and what it earned. Repeating the request returns the same receipt.
#[derive(Debug, SimpleObject)]
pub(crate) struct Receipt {
    /// The purchase's id.
    purchase_id: ID,
    /// The id of the member who made the purchase.
    member_id: ID,
    /// The shop's order number.
    reference: String,
    /// When the purchase was made.
    purchased_at: DateTime,
    /// The total amount.
    total: Money,
    /// Points that the member got for the purchase itself.
    points_earned: Points,
    /// The id of the transaction by which it earned them. Null if it earned none.
    transaction_id: Option<ID>,
    /// What each account got that the purchase accrues to, the member's first: of a member who
    /// belongs to a group perhaps the group's as well, or that alone.
    accruals: Vec<Accrued>,
    /// What of the purchase points have paid. Null if none have.
    payment: Option<Payment>,
    /// Additional points that the member earned because the purchase completed a referral.
    referral_points: Points,
    /// The member's balance after the purchase.
    balance: Points,
    /// The member's tier after the purchase. Null below the first tier.
    tier: Option<Tier>,
    /// The member's progress toward the next tier after the purchase.
    progress: Progress,
    /// Why the purchase earned these points.
    explanation: Explanation,
}

impl Receipt {
    pub(super) fn new(audience: &Audience, receipt: purchases::Receipt) -> Self {
        Self {
            purchase_id: receipt.purchase.to_string().into(),
            member_id: receipt.member.to_string().into(),
            reference: receipt.reference,
            purchased_at: receipt.purchased_at.into(),
            total: audience.money(receipt.total_minor),
            points_earned: receipt.points.into(),
            transaction_id: receipt.transaction.map(|id| GlobalId::Transaction(id).into()),
            accruals: receipt.accruals.into_iter().map(Accrued::from).collect(),
            payment: receipt.paid.map(|paid| Payment::new(audience.definition.currency, &paid)),
            referral_points: receipt.referral_points.into(),
            balance: receipt.balance.into(),
            tier: receipt.standing.tier.as_deref().and_then(|id| Tier::find(audience, id)),
            progress: Progress::new(audience, receipt.standing),
            explanation: receipt.appraisal.into(),
        }
    }
}
