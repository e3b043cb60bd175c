//! Deciding again when somebody else was first.
//!
//! Whoever was outrun once waits for its turn: in one process, of those who decide again one does so
//! at a time. So fifty who meet at one account get through one after the other, in the order in
//! which they came, instead of outrunning each other until some are given up.

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
    let mut turn = None;
    for round in 1..=TRIES {
        if round == 2 {
            turn = Some(context.turn(program).await);
        }
        match attempt(context.program(program).await?).await {
            Ok(done) => return Ok(done),
            Err(TryError::Failed(error)) => return Err(error),
            Err(TryError::Outrun(why)) => tracing::debug!(what, round, why, "decided again"),
        }
    }
    drop(turn);
    tracing::warn!(what, rounds = TRIES, "given up after being outrun each time");
    Err(Error::new(Code::Unavailable, "the members are being changed by too many at once"))
}
