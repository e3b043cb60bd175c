//! The way to the next tier.

use super::{Metric, Tier};
use crate::money::Money;
use crate::programs::Audience;
use crate::scalars::Long;
use async_graphql::SimpleObject;
use perennial_core::purchases::TierStanding;
use perennial_core::tiers;

/// How far a member is from the next tier.
#[derive(Debug, SimpleObject)]
pub(crate) struct Progress {
    /// What the ladder counts.
    metric: Metric,
    /// The metric's value for the member.
    value: Long,
    /// The next tier; none at the top.
    next_tier: Option<Tier>,
    /// What the metric lacks to reach the next tier; zero at the top.
    missing: Long,
    /// What is missing as money, when the ladder counts money.
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
