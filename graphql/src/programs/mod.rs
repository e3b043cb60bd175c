//! The program: its name, rules of the calendar, tiers and rewards.

pub(crate) mod admin;
mod audience;
pub(crate) mod storefront;

pub(crate) use audience::Audience;

use crate::rewards::Reward;
use crate::scalars::{CurrencyCode, DateTime, LanguageTag};
use crate::tiers::Tier;
use async_graphql::Object;
use perennial_core::programs::Program;

/// What both schemas show of a program.
#[derive(Debug)]
struct ProgramFields(Program);

#[Object]
impl ProgramFields {
    /// The program's name in addresses and tokens.
    async fn slug(&self) -> &str {
        &self.0.definition.slug
    }

    /// The name in `locale`, or in the program's language.
    async fn name(
        &self,
        #[graphql(desc = "The language to answer in.")] locale: Option<LanguageTag>,
    ) -> String {
        Audience::of_program(&self.0).text(&self.0.definition.name, locale.as_ref())
    }

    /// The language of those who have none of their own.
    async fn locale(&self) -> LanguageTag {
        LanguageTag(self.0.definition.locale.clone())
    }

    /// What amounts of purchases are in.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.definition.currency)
    }

    /// The IANA time zone whose calendar rules follow.
    async fn time_zone(&self) -> &str {
        self.0.definition.zone.iana_name().unwrap_or("UTC")
    }

    /// The tier ladder, from the lowest up.
    async fn tiers(&self) -> Vec<Tier> {
        Tier::all(&Audience::of_program(&self.0))
    }

    /// What points can be spent on.
    async fn rewards(&self) -> Vec<Reward> {
        Reward::all(&Audience::of_program(&self.0))
    }

    /// Whether the program lives by a test clock.
    async fn is_sandbox(&self) -> bool {
        self.0.definition.is_sandbox
    }

    /// The program's now: the test clock of a sandbox, else the time of day.
    async fn now(&self) -> DateTime {
        self.0.now.into()
    }
}
