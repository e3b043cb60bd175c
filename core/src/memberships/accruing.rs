//! To whom purchases accrue: asked in the look that begins with who bought.

use super::model::Accrual;
use super::terms::Held;
use crate::db::{Answers, Look, Question};
use crate::{MemberId, Result, Timestamp};
use std::collections::HashMap;

/// The question to which groups the members in `named` accrue.
#[derive(Clone, Copy)]
pub(crate) struct AccruingQuestion(Question<Held>);

/// The memberships of buyers by which groups get something.
#[derive(Debug, Default)]
pub(crate) struct Groups(HashMap<MemberId, Vec<Held>>);

const NOW: &str = "
    SELECT g.id, g.group_id, g.person_id, g.accrual, g.may_spend, g.joined_at, g.left_at,
        g.past_accruals, g.origin_accrual, g.origin_until, g.person_origin_id, g.ended_by
    FROM named AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.person_id = k.id AND g.left_at IS NULL AND g.accrual <> 'MEMBER'";
/// What is reported late may have happened while another membership held, or on other terms.
const EVER: &str = "
    SELECT g.id, g.group_id, g.person_id, g.accrual, g.may_spend, g.joined_at, g.left_at,
        g.past_accruals, g.origin_accrual, g.origin_until, g.person_origin_id, g.ended_by
    FROM named AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.person_id = k.id
        AND (g.accrual <> 'MEMBER' OR g.past_accruals IS NOT NULL OR g.origin_until IS NOT NULL)";

/// Adds the table `accruing` to a look that has `named`, whose groups belong into `who`.
pub(crate) fn ask_groups(look: &mut Look, is_dated: bool) -> AccruingQuestion {
    look.table("accruing", if is_dated { EVER } else { NOW });
    AccruingQuestion(look.ask("SELECT * FROM accruing"))
}

impl AccruingQuestion {
    pub(crate) fn read(self, answers: &Answers) -> Result<Groups> {
        let mut groups = Groups::default();
        for membership in answers.rows(self.0)? {
            groups.0.entry(membership.person_id).or_default().push(membership);
        }
        Ok(groups)
    }
}

impl Groups {
    /// The group that gets something of what a person bought at an instant, and how: by the
    /// membership that held then, on the terms that it had. Of somebody who was merged with another by
    /// now the own one comes first: nobody knows which of the two bought.
    pub(crate) fn of(&self, person: MemberId, at: Timestamp) -> Option<(MemberId, Accrual)> {
        let held = self.0.get(&person)?.iter();
        let held = held.filter_map(|one| Some((one, one.accrual_at(at)?)));
        let accruing = held.filter(|(_, accrual)| *accrual != Accrual::Member);
        let last =
            accruing.max_by_key(|(one, _)| (one.person_origin_id.is_none(), one.joined_at, one.id));
        last.map(|(one, accrual)| (one.group_id, accrual))
    }
}

#[cfg(test)]
mod tests {
    use super::super::terms::tests::held;
    use super::*;

    #[test]
    fn a_purchase_accrues_by_the_membership_that_held_when_it_was_made() {
        let at = |second: i64| Timestamp::from_microseconds(second * 1_000_000).unwrap();
        let person = MemberId::new();
        let all = vec![held(Accrual::Group, 30, None), held(Accrual::Group, 10, Some(20))];
        let (new, old) = (all[0].group_id, all[1].group_id);
        let groups = Groups([(person, all)].into());
        let group_at = |second| groups.of(person, at(second)).map(|(group, _)| group);
        assert_eq!((group_at(9), group_at(10), group_at(19)), (None, Some(old), Some(old)));
        assert_eq!((group_at(20), group_at(29), group_at(30)), (None, None, Some(new)));
        assert_eq!(groups.of(MemberId::new(), at(15)), None);
    }
}
