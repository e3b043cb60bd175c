//! The directory in the storefront schema, which is public.

use super::{GeoPositionInput, Search, ServiceCenters};
use crate::context::RequestContext;
use crate::scalars::{CountryCode, LanguageTag};
use async_graphql::{Context, Object, Result};
use perennial_core::{Code, Error, ProgramId, Result as CoreResult};

#[derive(Debug, Default)]
pub(crate) struct DirectoryQuery;

#[Object]
impl DirectoryQuery {
    /// Service centers that match, nearest first. Public.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn service_centers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The position to search from.")] near: GeoPositionInput,
        #[graphql(desc = "Only centers that speak this language.")] language: Option<LanguageTag>,
        #[graphql(desc = "Only centers that offer this service.")] capability: Option<String>,
        #[graphql(desc = "Only centers in this country.")] country: Option<CountryCode>,
        #[graphql(default = 10, desc = "The number of centers to return, at most 50.")] first: u32,
        #[graphql(
            desc = "The program's slug. Default: the token's program. Required without a token."
        )]
        program: Option<String>,
    ) -> Result<Option<ServiceCenters>> {
        let near = Search { near, language, capability, country, first }.try_into()?;
        let program = of_program(ctx, program.as_deref()).await?;
        let found = ctx.loyalty().directory().nearest(program, &near).await?;
        Ok(Some(ServiceCenters::new(program, found)))
    }
}

/// The program that is named, whosever the token is, for its network is public; else the token's.
async fn of_program(ctx: &Context<'_>, slug: Option<&str>) -> CoreResult<ProgramId> {
    match (ctx.session().ok(), slug) {
        (Some(session), None) => Ok(session.program.id),
        (_, Some(slug)) => Ok(ctx.loyalty().programs().by_slug(slug).await?.id),
        (None, None) => {
            let why = "name the program, or send a token";
            Err(Error::new(Code::InvalidInput, why).at("program"))
        }
    }
}
