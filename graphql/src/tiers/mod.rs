//! Tiers and their benefits. Both schemas show the same of them.

mod progress;

pub(crate) use progress::Progress;

use crate::programs::Audience;
use crate::scalars::{LanguageTag, Long};
use async_graphql::{Enum, ID, Object};
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
    /// The ladder, from the lowest tier up.
    pub(crate) fn all(audience: &Audience) -> Vec<Self> {
        let positions = 0..audience.definition.ladder.tiers().len();
        positions.map(|position| Self { audience: audience.clone(), position }).collect()
    }

    /// A tier by its id; none when the revision in force does not have it any more.
    pub(crate) fn find(audience: &Audience, id: &str) -> Option<Self> {
        let position = audience.definition.ladder.tiers().iter().position(|tier| tier.id == id);
        position.map(|position| Self { audience: audience.clone(), position })
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
