//! Tiers and their benefits. They are the same in both schemas.

mod progress;

pub(crate) use progress::Progress;

use crate::programs::Audience;
use crate::scalars::{LanguageTag, Long};
use async_graphql::{Enum, ID, Object};
use perennial_core::tiers;

/// What the tiers depend on, counted over the member's whole time in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "tiers::Metric")]
pub(crate) enum Metric {
    /// The number of purchases.
    Purchases,
    /// The amount of all purchases, in minor units of the program's currency, such as cents for
    /// EUR.
    Spent,
    /// All points ever earned. Spending points does not lower the tier.
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
        let positions = 0..audience.definition.ladder().tiers().len();
        positions.map(|position| Self { audience: audience.clone(), position }).collect()
    }

    /// A tier by its id; `None` if the current revision no longer has it.
    pub(crate) fn find(audience: &Audience, id: &str) -> Option<Self> {
        let position = audience.definition.ladder().tiers().iter().position(|tier| tier.id == id);
        position.map(|position| Self { audience: audience.clone(), position })
    }

    fn tier(&self) -> &tiers::Tier {
        &self.audience.definition.ladder().tiers()[self.position]
    }
}

/// A tier of the program.
#[Object]
impl Tier {
    /// The tier's id in the program file.
    async fn id(&self) -> ID {
        ID::from(&self.tier().id)
    }

    /// The name in `locale`. Default: the member's language, or else the program's.
    async fn name(
        &self,
        #[graphql(desc = "The preferred language.")] locale: Option<LanguageTag>,
    ) -> String {
        self.audience.text(&self.tier().name, locale.as_ref())
    }

    /// The lowest value of the metric at which a member has the tier.
    async fn from(&self) -> Long {
        Long(self.tier().from)
    }

    /// The metric that the tiers depend on.
    async fn metric(&self) -> Metric {
        self.audience.definition.ladder().metric().into()
    }

    /// The benefits of the tier.
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

/// A benefit of a tier, monetary or not.
#[Object]
impl Benefit {
    /// The benefit's id in the program file.
    async fn id(&self) -> ID {
        ID::from(&self.benefit.id)
    }

    /// The name in `locale`. Default: the member's language, or else the program's.
    async fn name(
        &self,
        #[graphql(desc = "The preferred language.")] locale: Option<LanguageTag>,
    ) -> String {
        self.audience.text(&self.benefit.name, locale.as_ref())
    }

    /// Discount on every purchase, in percent. Null if the benefit is not a discount.
    async fn discount_percent(&self) -> Option<u32> {
        self.benefit.discount_percent
    }
}
