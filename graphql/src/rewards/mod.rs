//! Rewards: what points can be spent on, and redeeming them.

pub(crate) mod admin;
mod redemption;
pub(crate) mod storefront;

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
    /// The catalogue, in the order of the program file.
    pub(crate) fn all(audience: &Audience) -> Vec<Self> {
        let positions = 0..audience.definition.rewards.len();
        positions.map(|position| Self { audience: audience.clone(), position }).collect()
    }

    fn reward(&self) -> &rewards::Reward {
        &self.audience.definition.rewards[self.position]
    }
}

/// What points can be spent on.
#[Object]
impl Reward {
    /// The reward's id in the program file; give it to `redeemReward`.
    async fn id(&self) -> ID {
        ID::from(&self.reward().id)
    }

    /// The name in `locale`, or in the caller's language.
    async fn name(
        &self,
        #[graphql(desc = "The language to answer in.")] locale: Option<LanguageTag>,
    ) -> String {
        self.audience.text(&self.reward().name, locale.as_ref())
    }

    /// The price.
    async fn points(&self) -> Points {
        self.reward().points.into()
    }
}
