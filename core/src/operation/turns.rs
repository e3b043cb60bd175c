//! A batch in which each member has one turn: what was looked up of it holds for one request, and the
//! next that would change it waits for the next look.

use super::Operation;
use crate::db::TryError;
use crate::{MemberId, Result};
use std::collections::HashSet;

/// The answers of such a batch, in the order of its requests.
#[derive(Debug)]
pub(crate) struct Turns<Answer> {
    answers: Vec<Result<Answer>>,
    changed: HashSet<MemberId>,
}

impl<Answer> Turns<Answer> {
    pub(crate) fn of(requests: usize) -> Self {
        Self { answers: Vec::with_capacity(requests), changed: HashSet::new() }
    }

    /// Whether none of the members that the next request may change has had its turn.
    pub(crate) fn has_one_for(&self, members: &[MemberId]) -> bool {
        !members.iter().any(|member| self.changed.contains(member))
    }

    /// Whether a request was answered.
    pub(crate) fn have_begun(&self) -> bool {
        !self.answers.is_empty()
    }

    /// Notes what a request that may change these members was answered, and whether it has made
    /// that or repeats what was there.
    pub(crate) fn answer(&mut self, members: Vec<MemberId>, answer: Result<(Answer, bool)>) {
        if matches!(answer, Ok((_, true))) {
            self.changed.extend(members);
        }
        self.answers.push(answer.map(|(answer, _)| answer));
    }

    /// Commits the operation if anybody has had a turn; returns the answers.
    pub(crate) async fn commit(
        self,
        operation: Operation<'_>,
    ) -> Result<Vec<Result<Answer>>, TryError> {
        if !self.changed.is_empty() {
            operation.commit().await?;
        }
        Ok(self.answers)
    }
}
