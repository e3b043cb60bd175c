//! Deciding again when somebody else was first.

use crate::context::{Context, Program};
use crate::db::TryError;
use crate::{Code, Error, ProgramId, Result};

/// How often a change is decided before it is given up. Each round, whoever outran it has got
/// through.
const TRIES: usize = 12;

/// Decides a change of a program's members, again from the start each time that it is outrun.
/// `what` is for the log.
pub(crate) async fn decide<T, Deciding>(
    context: &Context,
    program: ProgramId,
    what: &str,
    mut attempt: impl FnMut(Program) -> Deciding,
) -> Result<T>
where
    Deciding: Future<Output = Result<T, TryError>>,
{
    for round in 1..=TRIES {
        match attempt(context.program(program).await?).await {
            Ok(done) => return Ok(done),
            Err(TryError::Failed(error)) => return Err(error),
            Err(TryError::Outrun(why)) => tracing::debug!(what, round, why, "decided again"),
        }
    }
    tracing::warn!(what, rounds = TRIES, "given up after being outrun each time");
    Err(Error::new(Code::Unavailable, "the members are being changed by too many at once"))
}
