//! A member's lifetime statistics.

use crate::money::Money;
use crate::programs::Audience;
use crate::scalars::{DateTime, Long, Points};
use async_graphql::SimpleObject;
use perennial_core::accounts::PointType;
use perennial_core::members::Standing;

/// A member's lifetime statistics.
#[derive(Debug, SimpleObject)]
pub(crate) struct Statistics {
    /// The number of purchases that count for the member: its own, and of a group those that its
    /// people made for it.
    purchases: Long,
    /// The number of purchases that the member made for a group alone. They are not among
    /// `purchases`.
    purchases_for_groups: Long,
    /// The total amount of all purchases.
    spent: Money,
    /// All of the program's main points ever earned, including points since spent or expired.
    points_earned: Points,
    /// When the first purchase was made. Null if there is none.
    first_purchase_at: Option<DateTime>,
    /// When the last purchase was made. Null if there is none.
    last_purchase_at: Option<DateTime>,
}

impl Statistics {
    pub(super) fn new(audience: &Audience, standing: &Standing) -> Self {
        Self {
            purchases: Long(standing.purchases),
            purchases_for_groups: Long(standing.purchases_for_groups),
            spent: audience.money(standing.spent_minor),
            points_earned: standing.points_earned(&PointType::main()).into(),
            first_purchase_at: standing.first_purchase_at.map(DateTime::from),
            last_purchase_at: standing.last_purchase_at.map(DateTime::from),
        }
    }
}
