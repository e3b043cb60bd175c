//! For whom texts are: what a program's definition says, in somebody's language.

use super::{Money, Progress, Tier};
use crate::scalars::{LanguageTag, Points};
use async_graphql::{ID, Object};
use perennial_core::programs::{Definition, Localized, Program};
use perennial_core::purchases::TierStanding;
use std::sync::Arc;

/// A program's definition and the language to show it in.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    pub(crate) definition: Arc<Definition>,
    locale: String,
}

impl Audience {
    pub(crate) fn of_program(program: &Program) -> Self {
        Self::new(program, &program.definition.locale)
    }

    pub(crate) fn new(program: &Program, locale: &str) -> Self {
        Self { definition: Arc::clone(&program.definition), locale: locale.to_owned() }
    }

    /// A text in `locale`, or in the audience's own language.
    pub(super) fn text(&self, text: &Localized, locale: Option<&LanguageTag>) -> String {
        text.get(locale.map_or(&self.locale, |LanguageTag(tag)| tag)).to_owned()
    }

    pub(crate) fn money(&self, minor: i64) -> Money {
        Money::new(self.definition.currency, minor)
    }

    pub(crate) fn name(&self, locale: Option<&LanguageTag>) -> String {
        self.text(&self.definition.name, locale)
    }

    /// A tier of the program; none when a later revision has it no longer.
    pub(crate) fn tier(&self, id: &str) -> Option<Tier> {
        let position = self.definition.ladder.tiers().iter().position(|tier| tier.id == id);
        position.map(|position| Tier::new(self.clone(), position))
    }

    pub(crate) fn tiers(&self) -> Vec<Tier> {
        let positions = 0..self.definition.ladder.tiers().len();
        positions.map(|position| Tier::new(self.clone(), position)).collect()
    }

    pub(crate) fn rewards(&self) -> Vec<Reward> {
        let positions = 0..self.definition.rewards.len();
        positions.map(|position| Reward { audience: self.clone(), position }).collect()
    }

    pub(crate) fn progress(&self, standing: TierStanding) -> Progress {
        Progress::new(self, standing)
    }
}

#[derive(Debug)]
pub(crate) struct Reward {
    audience: Audience,
    position: usize,
}

impl Reward {
    fn reward(&self) -> &perennial_core::rewards::Reward {
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
