//! Programs in the storefront schema, which are public.

use super::ProgramFields;
use crate::context::RequestContext;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::{Code, programs};

/// A loyalty program in its current revision.
#[derive(Debug, MergedObject)]
pub(crate) struct Program(ProgramFields);

impl Program {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.global_id())
    }
}

impl From<programs::Program> for Program {
    fn from(program: programs::Program) -> Self {
        Self(ProgramFields(program))
    }
}

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
            Ok(program) => Ok(Some(program.into())),
            Err(error) if error.code() == Code::ProgramNotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
