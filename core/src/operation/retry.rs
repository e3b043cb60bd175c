//! Deciding again when somebody else was first.
//!
//! Whoever was outrun once waits for its turn: in one process, of those who decide again one does so
//! at a time. So fifty who meet at one account get through one after the other, in the order in
//! which they came, instead of outrunning each other until some are given up.

use crate::context::{Context, Program};
use crate::db::{Rounds, TryError};
use crate::{ProgramId, Result};

/// Decides a change of a program's members, again from the start each time that it is outrun.
/// `what` is for the log and the refusal, such as "redeeming a reward".
pub(crate) async fn decide<T, Deciding>(
    context: &Context,
    program: ProgramId,
    what: &str,
    mut attempt: impl FnMut(Program) -> Deciding,
) -> Result<T>
where
    Deciding: Future<Output = Result<T, TryError>>,
{
    let mut rounds = Rounds::of(what);
    let mut turn = None;
    loop {
        let attempted = attempt(context.program(program).await?).await;
        if let Some(done) = rounds.settle(attempted)? {
            return Ok(done);
        }
        if turn.is_none() {
            turn = Some(context.turn(program).await);
        }
        rounds.pause().await;
    }
}
