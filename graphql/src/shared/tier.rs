//! Tiers and the way to the next.

use super::{Audience, Money};
use crate::scalars::{LanguageTag, Long};
use async_graphql::{Enum, ID, Object, SimpleObject};
use perennial_core::purchases::TierStanding;
use perennial_core::tiers;

/// What a tier ladder counts, over a member's whole life in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "tiers::Metric")]
pub(crate) enum Metric {
    /// The number of purchases.
    Purchases,
    /// What was spent, in minor units of the program's currency: cents for EUR.
    Spent,
    /// Points earned; spending them takes nobody down.
    PointsEarned,
}

#[derive(Debug)]
pub(crate) struct Tier {
    audience: Audience,
    position: usize,
}

impl Tier {
    pub(super) fn new(audience: Audience, position: usize) -> Self {
        Self { audience, position }
    }

    fn tier(&self) -> &tiers::Tier {
        &self.audience.definition.ladder.tiers()[self.position]
    }
}

/// A tier of the program's ladder.
#[Object]
impl Tier {
    /// The tier's id in the program file.
    async fn id(&self) -> ID {
        ID::from(&self.tier().id)
    }

    /// The name in `locale`, or in the caller's language.
    async fn name(
        &self,
        #[graphql(desc = "The language to answer in.")] locale: Option<LanguageTag>,
    ) -> String {
        self.audience.text(&self.tier().name, locale.as_ref())
    }

    /// The least value of the ladder's metric that reaches the tier.
    async fn from(&self) -> Long {
        Long(self.tier().from)
    }

    /// What the ladder counts.
    async fn metric(&self) -> Metric {
        self.audience.definition.ladder.metric().into()
    }

    /// What the tier gives.
    async fn benefits(&self) -> Vec<Benefit> {
        let benefit = |benefit: &tiers::Benefit| Benefit {
            audience: self.audience.clone(),
            benefit: benefit.clone(),
        };
        self.tier().benefits.iter().map(benefit).collect()
    }
}

#[derive(Debug)]
pub(crate) struct Benefit {
    audience: Audience,
    benefit: tiers::Benefit,
}

/// What a tier gives, monetary or not.
#[Object]
impl Benefit {
    /// The benefit's id in the program file.
    async fn id(&self) -> ID {
        ID::from(&self.benefit.id)
    }

    /// The name in `locale`, or in the caller's language.
    async fn name(
        &self,
        #[graphql(desc = "The language to answer in.")] locale: Option<LanguageTag>,
    ) -> String {
        self.audience.text(&self.benefit.name, locale.as_ref())
    }

    /// Per cent off every purchase, when the benefit is a discount.
    async fn discount_percent(&self) -> Option<u32> {
        self.benefit.discount_percent
    }
}

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
    pub(super) fn new(audience: &Audience, standing: TierStanding) -> Self {
        let is_money = standing.metric == tiers::Metric::Spent;
        Self {
            metric: standing.metric.into(),
            value: Long(standing.value),
            next_tier: standing.next_tier.and_then(|id| audience.tier(&id)),
            missing: Long(standing.missing),
            missing_amount: is_money.then(|| audience.money(standing.missing)),
        }
    }
}
