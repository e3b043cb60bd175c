//! Quotes: what a cart would earn, in both schemas.

use super::accrued::QuotedAccrual;
use super::payment::QuotedPayment;
use crate::earning::Explanation;
use crate::error::UserError;
use crate::programs::Audience;
use crate::scalars::Points;
use crate::tiers::{Progress, Tier};
use async_graphql::SimpleObject;
use perennial_core::purchases;

/// What a purchase would earn now, and the member's tier after it.
#[derive(Debug, SimpleObject)]
pub(crate) struct Quote {
    /// The points that the member would get for the purchase.
    points: Points,
    /// What each account would get that the purchase accrues to, the member's first.
    accruals: Vec<QuotedAccrual>,
    /// How points could pay for the cart. Null if the program's points pay for nothing.
    payment: Option<QuotedPayment>,
    /// The member's tier after the purchase. Null below the first tier.
    tier_after: Option<Tier>,
    /// The member's progress toward the next tier after the purchase.
    progress: Progress,
    /// Why the purchase would earn these points.
    explanation: Explanation,
}

/// Result of quoting a cart.
#[derive(Debug, SimpleObject)]
pub(crate) struct QuotePurchasePayload {
    /// The quote. Null if the request was refused.
    pub(super) quote: Option<Quote>,
    /// Why the request was refused; empty if it succeeded.
    pub(super) user_errors: Vec<UserError>,
}

impl Quote {
    pub(super) fn new(audience: &Audience, quote: purchases::Quote) -> Self {
        Self {
            points: quote.points.into(),
            accruals: quote.accruals.into_iter().map(QuotedAccrual::from).collect(),
            payment: quote.payment.map(|payment| QuotedPayment::new(audience, &payment)),
            tier_after: quote.standing.tier.as_deref().and_then(|id| Tier::find(audience, id)),
            progress: Progress::new(audience, quote.standing),
            explanation: quote.appraisal.into(),
        }
    }
}
