//! Progress toward the next tier.

use super::{Metric, Tier};
use crate::money::Money;
use crate::programs::Audience;
use crate::scalars::Long;
use async_graphql::SimpleObject;
use perennial_core::purchases::TierStanding;
use perennial_core::tiers;

/// A member's progress toward the next tier.
#[derive(Debug, SimpleObject)]
pub(crate) struct Progress {
    /// The metric that the tiers depend on.
    metric: Metric,
    /// The member's current value of the metric.
    value: Long,
    /// The next tier. Null at the top tier.
    next_tier: Option<Tier>,
    /// How much the value must increase to reach the next tier. Zero at the top tier.
    missing: Long,
    /// `missing` as an amount of money. Null unless the metric is `SPENT`.
    missing_amount: Option<Money>,
}

impl Progress {
    pub(crate) fn new(audience: &Audience, standing: TierStanding) -> Self {
        let is_money = standing.metric == tiers::Metric::Spent;
        Self {
            metric: standing.metric.into(),
            value: Long(standing.value),
            next_tier: standing.next_tier.and_then(|id| Tier::find(audience, &id)),
            missing: Long(standing.missing),
            missing_amount: is_money.then(|| audience.money(standing.missing)),
        }
    }
}
