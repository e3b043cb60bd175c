//! What a look has found, to be taken away.

use crate::Result;
use crate::db::{Answers, Question, Row, Writes};
use serde::de::DeserializeOwned;

/// Runs a statement over each key that was found.
pub(super) fn each<R: Row + DeserializeOwned>(
    answers: &Answers,
    keys: Question<R>,
    sql: &'static str,
    writes: &mut Writes,
) -> Result<()> {
    answers.rows(keys)?.iter().for_each(|key| writes.run(sql, key));
    Ok(())
}
