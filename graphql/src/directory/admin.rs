//! The directory in the admin schema: searching it. `put` has the rest.

use super::{GeoPositionInput, Search, ServiceCenters};
use crate::context::RequestContext;
use crate::scalars::{CountryCode, LanguageTag};
use async_graphql::{Context, Object, Result};
use perennial_core::Scope;

#[derive(Debug, Default)]
pub(crate) struct DirectoryQuery;

#[Object]
impl DirectoryQuery {
    /// The nearest service centers that fit, the nearest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn service_centers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where help is needed.")] near: GeoPositionInput,
        #[graphql(desc = "A language that the center speaks, such as `de`.")] language: Option<
            LanguageTag,
        >,
        #[graphql(desc = "What the center can do, such as `hydraulics`.")] capability: Option<
            String,
        >,
        #[graphql(desc = "Where the center is.")] country: Option<CountryCode>,
        #[graphql(default = 10, desc = "At most 50.")] first: u32,
    ) -> Result<ServiceCenters> {
        let (loyalty, actor) = ctx.caller()?;
        actor.require(Scope::Read)?;
        let near = Search { near, language, capability, country, first }.try_into()?;
        Ok(loyalty.directory().nearest(actor.program(), &near).await?.into())
    }
}
