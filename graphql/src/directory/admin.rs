//! The directory in the admin schema: searching it. Writing to it is in `put`.

use super::{GeoPositionInput, Search, ServiceCenters};
use crate::context::RequestContext;
use crate::scalars::{CountryCode, LanguageTag};
use async_graphql::{Context, Object, Result};
use perennial_core::Scope;

#[derive(Debug, Default)]
pub(crate) struct DirectoryQuery;

#[Object]
impl DirectoryQuery {
    /// Service centers that match, nearest first. Requires the scope `read` or `directory:write`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn service_centers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The position to search from.")] near: GeoPositionInput,
        #[graphql(desc = "Only centers that speak this language.")] language: Option<LanguageTag>,
        #[graphql(desc = "Only centers that offer this service.")] capability: Option<String>,
        #[graphql(desc = "Only centers in this country.")] country: Option<CountryCode>,
        #[graphql(default = 10, desc = "The number of centers to return, at most 50.")] first: u32,
    ) -> Result<Option<ServiceCenters>> {
        let (loyalty, actor) = ctx.caller()?;
        actor.require_any(&[Scope::Read, Scope::DirectoryWrite])?;
        let near = Search { near, language, capability, country, first }.try_into()?;
        let found = loyalty.directory().nearest(actor.program(), &near).await?;
        Ok(Some(ServiceCenters::new(actor.program(), found)))
    }
}
