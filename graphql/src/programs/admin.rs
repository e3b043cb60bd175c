//! The program of the token, and its test clock.

use super::ProgramFields;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::DateTime;
use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result, SimpleObject};
use perennial_core::Scope;

/// A loyalty program, as it is in force.
#[derive(Debug, MergedObject)]
pub(crate) struct Program(ProgramFields, Revision);

/// Which program, in which revision.
#[derive(Debug, SimpleObject)]
pub(crate) struct Revision {
    /// The program's id.
    id: ID,
    /// The revision in force; each change of the program file makes a new one.
    revision: u32,
}

/// How far to move the test clock.
#[derive(Debug, InputObject)]
pub(crate) struct AdvanceTestClockInput {
    /// The new now; not before the present one.
    to: DateTime,
}

/// What came of moving the test clock.
#[derive(Debug, SimpleObject)]
pub(crate) struct AdvanceTestClockPayload {
    /// The program's new now.
    now: Option<DateTime>,
    /// Why the clock did not move.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct ProgramQuery;

#[Object]
impl ProgramQuery {
    /// The program of the token.
    async fn program(&self, ctx: &Context<'_>) -> Result<Program> {
        let session = ctx.session()?;
        session.actor.require(Scope::Read)?;
        let program = session.program.clone();
        let revision = Revision { id: program.id.to_string().into(), revision: program.revision };
        Ok(Program(ProgramFields(program), revision))
    }
}

#[derive(Debug, Default)]
pub(crate) struct ProgramMutation;

#[Object]
impl ProgramMutation {
    /// Moves a sandbox program's test clock on. Everything that falls due on the way happens in order and has happened, with
    /// all that plugins make of it, when the answer arrives. Asked for alone, it has ten minutes instead of a request's thirty
    /// seconds; what a call that ran out of time did stays done, and the same call again goes on.
    async fn advance_test_clock(
        &self,
        ctx: &Context<'_>,
        input: AdvanceTestClockInput,
    ) -> Result<AdvanceTestClockPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let moved = loyalty.programs().advance_test_clock(actor, input.to.0).await;
        let (now, user_errors) = split(moved)?;
        Ok(AdvanceTestClockPayload { now: now.map(DateTime::from), user_errors })
    }
}
