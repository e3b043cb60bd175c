//! Programs: name, currency, time zone, tiers and rewards.

pub(crate) mod admin;
mod audience;
pub(crate) mod storefront;

pub(crate) use audience::Audience;

use crate::ledger::PointType;
use crate::nodes::GlobalId;
use crate::rewards::Reward;
use crate::scalars::{CurrencyCode, DateTime, LanguageTag};
use crate::tiers::Tier;
use async_graphql::{Context, ID, Object};
use perennial_core::programs::Program;

/// The fields of a program that both schemas show.
#[derive(Debug)]
struct ProgramFields(Program);

#[Object]
impl ProgramFields {
    /// The program's id.
    async fn id(&self) -> ID {
        self.global_id()
    }

    /// The program's short name in URLs and tokens.
    async fn slug(&self) -> &str {
        &self.0.definition.slug
    }

    /// The name in `locale`. Default: the language of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The preferred language.")] locale: Option<LanguageTag>,
    ) -> String {
        Audience::new(ctx, &self.0).text(&self.0.definition.name, locale.as_ref())
    }

    /// The program's language, which is the default for members.
    async fn locale(&self) -> LanguageTag {
        LanguageTag(self.0.definition.locale.clone())
    }

    /// The currency of all amounts in the program.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.definition.currency)
    }

    /// The IANA time zone that calendar rules use, such as `Europe/Berlin`.
    async fn time_zone(&self) -> &str {
        self.0.definition.zone.iana_name().unwrap_or("UTC")
    }

    /// The tiers, lowest first.
    async fn tiers(&self, ctx: &Context<'_>) -> Vec<Tier> {
        Tier::all(&Audience::new(ctx, &self.0))
    }

    /// The types of points, the main one first.
    async fn point_types(&self, ctx: &Context<'_>) -> Vec<PointType> {
        PointType::all(&Audience::new(ctx, &self.0))
    }

    /// The rewards that points can be spent on.
    async fn rewards(&self, ctx: &Context<'_>) -> Vec<Reward> {
        Reward::all(&Audience::new(ctx, &self.0))
    }

    /// Whether the program is a sandbox, which has a test clock.
    async fn is_sandbox(&self) -> bool {
        self.0.definition.is_sandbox
    }

    /// The current time according to the program's clock: the test clock of a sandbox, otherwise
    /// the server's clock.
    async fn now(&self) -> DateTime {
        self.0.now.into()
    }
}

impl ProgramFields {
    fn global_id(&self) -> ID {
        GlobalId::Program(self.0.id).into()
    }
}
