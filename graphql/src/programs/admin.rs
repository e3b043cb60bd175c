//! Programs in the admin schema: the one that the token is for, and its test clock.

use super::ProgramFields;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::DateTime;
use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result, SimpleObject};
use perennial_core::{Scope, programs};

/// A loyalty program in its current revision.
#[derive(Debug, MergedObject)]
pub(crate) struct Program(ProgramFields, Revision);

/// The fields of a program that only the admin schema shows.
#[derive(Debug, SimpleObject)]
pub(crate) struct Revision {
    /// The number of the current revision. Each change of the program file creates a new revision.
    revision: u32,
}

impl Program {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.global_id())
    }
}

impl From<programs::Program> for Program {
    fn from(program: programs::Program) -> Self {
        let revision = Revision { revision: program.revision };
        Self(ProgramFields(program), revision)
    }
}

/// A new time for the test clock.
#[derive(Debug, InputObject)]
pub(crate) struct AdvanceTestClockInput {
    /// The new time. Must not be earlier than the clock's current time.
    to: DateTime,
}

/// Result of advancing the test clock.
#[derive(Debug, SimpleObject)]
pub(crate) struct AdvanceTestClockPayload {
    /// The program's current time after the change. Null if the request was refused.
    now: Option<DateTime>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct ProgramQuery;

#[Object]
impl ProgramQuery {
    /// The program that the token is for.
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>> {
        let (loyalty, actor) = ctx.caller()?;
        actor.require(Scope::Read)?;
        let program = loyalty.programs().current(actor.program()).await?;
        Ok(Some(program.into()))
    }
}

#[derive(Debug, Default)]
pub(crate) struct ProgramMutation;

#[Object]
impl ProgramMutation {
    /// Advances the test clock of a sandbox program. Before the response is sent, everything that
    /// falls due on the way happens in order, including what plugins do about it. As the only field
    /// of a mutation, it may take 10 minutes instead of 30 seconds. After a timeout, what was done
    /// remains; repeat the request to continue. Requires the scope `admin`.
    async fn advance_test_clock(
        &self,
        ctx: &Context<'_>,
        input: AdvanceTestClockInput,
    ) -> Result<Option<AdvanceTestClockPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let moved = loyalty.programs().advance_test_clock(actor, input.to.0).await;
        let (now, user_errors) = split(moved)?;
        Ok(Some(AdvanceTestClockPayload { now: now.map(DateTime::from), user_errors }))
    }
}
