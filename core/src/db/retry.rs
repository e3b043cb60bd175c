//! Trying again when somebody else was first.

use super::TryError;
use crate::{Code, Error, Result};
use std::time::Duration;
use uuid::Uuid;

/// How often a change is tried before it is given up. Each round, whoever outran it has got
/// through.
const ROUNDS: usize = 24;
/// So many of them without a pause.
const IMPATIENT_ROUNDS: usize = 4;
/// A pause is at most 2 to the power of this many milliseconds.
const PAUSES: usize = 7;

/// The rounds of a change that may be outrun.
pub(crate) struct Rounds<'w> {
    /// What is tried: for the log and the refusal.
    what: &'w str,
    outrun: usize,
}

impl<'w> Rounds<'w> {
    pub(crate) const fn of(what: &'w str) -> Self {
        Self { what, outrun: 0 }
    }

    /// What an attempt came to; none when it was outrun and is to be made again from the start.
    /// Fails with `UNAVAILABLE` when it was outrun each time.
    pub(crate) fn settle<T>(&mut self, attempted: Result<T, TryError>) -> Result<Option<T>> {
        let what = self.what;
        let why = match attempted {
            Ok(done) => return Ok(Some(done)),
            Err(TryError::Failed(error)) => return Err(error),
            Err(TryError::Outrun(why)) => why,
        };
        self.outrun += 1;
        if self.outrun < ROUNDS {
            tracing::debug!(what, outrun = self.outrun, why, "tried again");
            return Ok(None);
        }
        tracing::warn!(what, outrun = self.outrun, why, "given up");
        let why = format!("{what} failed: the same data is being changed by too many at once");
        Err(Error::new(Code::Unavailable, why))
    }

    /// Lets others through after an attempt that was outrun: at once at first, then for longer and
    /// longer, and not as long as somebody elsewhere who does the same.
    pub(crate) async fn pause(&self) {
        let most = 1_u64 << self.outrun.saturating_sub(IMPATIENT_ROUNDS).min(PAUSES);
        if self.outrun > IMPATIENT_ROUNDS {
            let (_, random) = Uuid::now_v7().as_u64_pair();
            tokio::time::sleep(Duration::from_millis(random % most)).await;
        }
    }
}

/// Attempts a change of what has no members, such as a program's file. A change of members is an
/// operation's, which takes turns as well.
pub(crate) async fn retry<T, Attempt>(what: &str, mut attempt: impl FnMut() -> Attempt) -> Result<T>
where
    Attempt: Future<Output = Result<T, TryError>>,
{
    let mut rounds = Rounds::of(what);
    loop {
        if let Some(done) = rounds.settle(attempt().await)? {
            return Ok(done);
        }
        rounds.pause().await;
    }
}
