//! Tiers and their benefits. They are the same in both schemas.

mod progress;

pub(crate) use progress::Progress;

use crate::nodes::GlobalId;
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

#[derive(Clone, Debug)]
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

    /// A tier by its key; `None` if the current revision no longer has it.
    pub(crate) fn find(audience: &Audience, key: &str) -> Option<Self> {
        let position = audience.definition.ladder().tiers().iter().position(|tier| tier.id == key);
        position.map(|position| Self { audience: audience.clone(), position })
    }

    /// A benefit of the tier by its key.
    pub(crate) fn benefit(&self, key: &str) -> Option<Benefit> {
        let position = self.tier().benefits.iter().position(|benefit| benefit.id == key)?;
        Some(Benefit { tier: self.clone(), position })
    }

    fn tier(&self) -> &tiers::Tier {
        &self.audience.definition.ladder().tiers()[self.position]
    }
}

/// A tier of the program.
#[Object]
impl Tier {
    /// The tier's id, the same in every revision of the program.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Tier(self.audience.program, self.tier().id.clone()).into()
    }

    /// The tier's id in the program file.
    async fn key(&self) -> &str {
        &self.tier().id
    }

    /// The name in `locale`. Default: the language of the request.
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
        let positions = 0..self.tier().benefits.len();
        positions.map(|position| Benefit { tier: self.clone(), position }).collect()
    }
}

#[derive(Debug)]
pub(crate) struct Benefit {
    tier: Tier,
    position: usize,
}

impl Benefit {
    fn benefit(&self) -> &tiers::Benefit {
        &self.tier.tier().benefits[self.position]
    }
}

/// A benefit of a tier, monetary or not.
#[Object]
impl Benefit {
    /// The benefit's id, the same in every revision of the program. A benefit of another tier has
    /// another id, even if its key is the same.
    pub(crate) async fn id(&self) -> ID {
        let (tier, key) = (self.tier.tier().id.clone(), self.benefit().id.clone());
        GlobalId::Benefit(self.tier.audience.program, tier, key).into()
    }

    /// The benefit's id in the program file, unique in its tier.
    async fn key(&self) -> &str {
        &self.benefit().id
    }

    /// The name in `locale`. Default: the language of the request.
    async fn name(
        &self,
        #[graphql(desc = "The preferred language.")] locale: Option<LanguageTag>,
    ) -> String {
        self.tier.audience.text(&self.benefit().name, locale.as_ref())
    }

    /// Discount on every purchase, in percent. Null if the benefit is not a discount.
    async fn discount_percent(&self) -> Option<u32> {
        self.benefit().discount_percent
    }
}
