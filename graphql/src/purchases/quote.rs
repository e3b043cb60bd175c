//! What a cart would earn, in both schemas.

use crate::earning::Explanation;
use crate::programs::Audience;
use crate::scalars::Points;
use crate::tiers::{Progress, Tier};
use async_graphql::SimpleObject;
use perennial_core::purchases;

/// What a purchase would earn now, and where it would leave the member.
#[derive(Debug, SimpleObject)]
pub(crate) struct Quote {
    /// What the purchase would earn.
    points: Points,
    /// The member's tier after it.
    tier_after: Option<Tier>,
    /// The way to the next tier after it.
    progress: Progress,
    /// Why it would earn that.
    explanation: Explanation,
}

impl Quote {
    pub(super) fn new(audience: &Audience, quote: purchases::Quote) -> Self {
        Self {
            points: quote.points.into(),
            tier_after: quote.standing.tier.as_deref().and_then(|id| Tier::find(audience, id)),
            progress: Progress::new(audience, quote.standing),
            explanation: quote.appraisal.into(),
        }
    }
}
