//! What a member did so far.

use crate::money::Money;
use crate::programs::Audience;
use crate::scalars::{DateTime, Long, Points};
use async_graphql::SimpleObject;
use perennial_core::members::Standing;

/// What a member did over the whole life in the program.
#[derive(Debug, SimpleObject)]
pub(crate) struct Statistics {
    /// How many purchases.
    purchases: Long,
    /// What they came to.
    spent: Money,
    /// All points ever earned.
    points_earned: Points,
    /// When the first purchase was.
    first_purchase_at: Option<DateTime>,
    /// When the last purchase was.
    last_purchase_at: Option<DateTime>,
}

impl Statistics {
    pub(super) fn new(audience: &Audience, standing: &Standing) -> Self {
        Self {
            purchases: Long(standing.purchases),
            spent: audience.money(standing.spent_minor),
            points_earned: perennial_core::Points::new(standing.points_earned).into(),
            first_purchase_at: standing.first_purchase_at.map(DateTime::from),
            last_purchase_at: standing.last_purchase_at.map(DateTime::from),
        }
    }
}
