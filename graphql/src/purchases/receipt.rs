//! What the recording of a purchase answers.

use crate::earning::Explanation;
use crate::money::Money;
use crate::programs::Audience;
use crate::scalars::{DateTime, Points};
use crate::tiers::{Progress, Tier};
use async_graphql::{ID, SimpleObject};
use perennial_core::programs::Program;
use perennial_core::purchases;

/// What the recording of a purchase answers, the same at every repeat.
#[derive(Debug, SimpleObject)]
pub(crate) struct Receipt {
    /// The purchase's id.
    purchase_id: ID,
    /// The id of the member who bought.
    member_id: ID,
    /// The shop's own order number.
    reference: String,
    /// When it happened.
    purchased_at: DateTime,
    /// What it came to.
    total: Money,
    /// Earned by the purchase itself.
    points_earned: Points,
    /// Earned on top by completing a referral.
    referral_points: Points,
    /// The member's points after all of it.
    balance: Points,
    /// The member's tier after it.
    tier: Option<Tier>,
    /// The way to the next tier after it.
    progress: Progress,
    /// Why it earned that.
    explanation: Explanation,
}

impl Receipt {
    pub(super) fn new(program: &Program, receipt: purchases::Receipt) -> Self {
        let audience = Audience::of_program(program);
        Self {
            purchase_id: receipt.purchase.to_string().into(),
            member_id: receipt.member.to_string().into(),
            reference: receipt.reference,
            purchased_at: receipt.purchased_at.into(),
            total: audience.money(receipt.total_minor),
            points_earned: receipt.points.into(),
            referral_points: receipt.referral_points.into(),
            balance: receipt.balance.into(),
            tier: receipt.standing.tier.as_deref().and_then(|id| Tier::find(&audience, id)),
            progress: Progress::new(&audience, receipt.standing),
            explanation: receipt.appraisal.into(),
        }
    }
}
