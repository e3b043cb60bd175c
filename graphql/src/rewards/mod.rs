//! Rewards: what points can be spent on, and redeeming them.

pub(crate) mod admin;
mod redemption;
pub(crate) mod storefront;

pub(crate) use redemption::Redemption;

use crate::ledger::PointType;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::scalars::{LanguageTag, Points};
use async_graphql::{ID, Object};
use perennial_core::rewards;

#[derive(Debug)]
pub(crate) struct Reward {
    audience: Audience,
    position: usize,
}

impl Reward {
    /// All rewards, in the order of the program file.
    pub(crate) fn all(audience: &Audience) -> Vec<Self> {
        let positions = 0..audience.definition.rewards().len();
        positions.map(|position| Self { audience: audience.clone(), position }).collect()
    }

    /// A reward by its key; `None` if the current revision no longer has it.
    pub(crate) fn find(audience: &Audience, key: &str) -> Option<Self> {
        let position = audience.definition.rewards().iter().position(|reward| reward.id == key);
        position.map(|position| Self { audience: audience.clone(), position })
    }

    fn reward(&self) -> &rewards::Reward {
        &self.audience.definition.rewards()[self.position]
    }
}

/// Something that points can be spent on.
#[Object]
impl Reward {
    /// The reward's id, the same in every revision of the program.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Reward(self.audience.program, self.reward().id.clone()).into()
    }

    /// The reward's id in the program file, for use with `redeemReward`.
    async fn key(&self) -> &str {
        &self.reward().id
    }

    /// The name in `locale`. Default: the language of the request.
    async fn name(
        &self,
        #[graphql(desc = "The preferred language.")] locale: Option<LanguageTag>,
    ) -> String {
        self.audience.text(&self.reward().name, locale.as_ref())
    }

    /// The type of points that it costs.
    async fn point_type(&self) -> PointType {
        PointType::new(&self.audience, self.reward().point_type.clone())
    }

    /// The price in points.
    async fn points(&self) -> Points {
        self.reward().points.into()
    }
}
