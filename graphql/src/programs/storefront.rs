//! Programs in the storefront schema, which are public.

use super::ProgramFields;
use crate::context::RequestContext;
use async_graphql::{Context, MergedObject, Object, Result};
use perennial_core::Code;

/// A loyalty program in its current revision.
#[derive(Debug, MergedObject)]
pub(crate) struct Program(ProgramFields);

#[derive(Debug, Default)]
pub(crate) struct ProgramQuery;

#[Object]
impl ProgramQuery {
    /// A program by its slug. Null if it does not exist. Public.
    async fn program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The program's short name in URLs and tokens.")] slug: String,
    ) -> Result<Option<Program>> {
        match ctx.loyalty().programs().by_slug(&slug).await {
            Ok(program) => Ok(Some(Program(ProgramFields(program)))),
            Err(error) if error.code() == Code::ProgramNotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
