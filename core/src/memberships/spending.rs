//! Who may spend what a group has: asked in the look of whatever spends it.

use crate::db::{Answers, Look, Question, row};
use crate::{Code, Error, MemberId, Result};
use std::collections::HashSet;

/// The question for which groups the members in `named` may spend.
#[derive(Clone, Copy)]
pub(crate) struct SpendersQuestion(Question<SpenderRow>);

/// Groups with people who may spend their points.
#[derive(Debug, Default)]
pub(crate) struct Spenders(HashSet<(MemberId, MemberId)>);

row! {
    struct SpenderRow {
        group_id: MemberId,
        person_id: MemberId,
    }
}

const SPENDERS: &str = "
    SELECT g.group_id, g.person_id
    FROM named AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.person_id = k.id AND g.left_at IS NULL AND g.may_spend = 1";

/// Asks in a look that has `named`.
pub(crate) fn ask_spenders(look: &mut Look) -> SpendersQuestion {
    SpendersQuestion(look.ask(SPENDERS))
}

impl SpendersQuestion {
    pub(crate) fn read(self, answers: &Answers) -> Result<Spenders> {
        let rows = answers.rows(self.0)?.into_iter();
        Ok(Spenders(rows.map(|row| (row.group_id, row.person_id)).collect()))
    }
}

impl Spenders {
    /// Fails with `MAY_NOT_SPEND` unless the person belongs to the group and may spend for it.
    pub(crate) fn check(&self, group: MemberId, person: MemberId) -> Result<()> {
        if self.0.contains(&(group, person)) { Ok(()) } else { Err(may_not_spend()) }
    }
}

pub(super) fn may_not_spend() -> Error {
    let why = "only a person who belongs to the group and may spend its points can do that";
    Error::new(Code::MayNotSpend, why)
}
