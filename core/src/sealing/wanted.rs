//! By which keys the rows are found that items name: as a range where they lie together. Pure.

use crate::db::Run;
use crate::journal::Item;
use crate::{Id, TransactionId};
use std::collections::HashSet;
use uuid::Uuid;

/// Of fewer ids no range is read.
const RANGE_MIN: usize = 16;
/// How far from the others an id is not far yet, in milliseconds.
const NEAR: u64 = 50;

/// Ids that are looked for.
pub(super) struct Wanted {
    /// In their order, each once.
    pub(super) ids: Vec<Uuid>,
    pub(super) range: Option<(Uuid, Uuid)>,
}

impl Wanted {
    pub(super) fn of(mut ids: Vec<Uuid>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self { range: near(&ids), ids }
    }

    pub(super) fn has(&self, id: Uuid) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// Those that the range has not.
    pub(super) fn beside(&self) -> Vec<Uuid> {
        let ids = self.ids.iter().copied();
        match self.range {
            Some((from, to)) => ids.filter(|id| *id < from || *id > to).collect(),
            None => ids.collect(),
        }
    }
}

/// From the first to the last of sorted ids, without those that were made long before most of them,
/// or long after.
fn near(ids: &[Uuid]) -> Option<(Uuid, Uuid)> {
    let length = ids.len();
    if length < RANGE_MIN {
        return None;
    }
    let (early, late) = (made_at(ids[length / 8]), made_at(ids[length - 1 - length / 8]));
    let slack = (late - early) / 2 + NEAR;
    let mut near = ids.iter().filter(|id| {
        let at = made_at(**id);
        at.saturating_add(slack) >= early && at <= late.saturating_add(slack)
    });
    let from = *near.next()?;
    Some((from, near.next_back().copied().unwrap_or(from)))
}

/// Milliseconds, as an id of the seventh version begins with. Another begins with something else, and
/// lies wherever that is.
fn made_at(id: Uuid) -> u64 {
    u64::try_from(id.as_u128() >> 80).unwrap_or_default()
}

pub(super) fn transactions(items: &[Item]) -> Vec<Uuid> {
    let id = |item: &Item| match item {
        Item::Transaction(id) => Some(TransactionId::uuid(id)),
        _ => None,
    };
    items.iter().filter_map(id).collect()
}

pub(super) fn messages(items: &[Item]) -> Vec<Uuid> {
    let id = |item: &Item| match item {
        Item::Message(id) => Some(id.uuid()),
        _ => None,
    };
    let ids: HashSet<Uuid> = items.iter().filter_map(id).collect();
    ids.into_iter().collect()
}

/// Events of a member that follow each other are found together.
pub(super) fn runs(items: &[Item]) -> Vec<Run> {
    let event = |item: &Item| match item {
        Item::Event { member, seq } => Some((member.uuid(), *seq)),
        _ => None,
    };
    let mut events: Vec<_> = items.iter().filter_map(event).collect();
    events.sort_unstable();
    events.dedup();
    let mut runs: Vec<Run> = Vec::new();
    for (id, seq) in events {
        match runs.last_mut().filter(|run| run.id == id && run.last.checked_add(1) == Some(seq)) {
            Some(run) => run.last = seq,
            None => runs.push(Run { id, first: seq, last: seq }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemberId;

    fn at(milliseconds: u64, number: u128) -> Uuid {
        Uuid::from_u128((u128::from(milliseconds) << 80) | number)
    }

    #[test]
    fn a_range_has_what_was_made_together_and_not_what_lies_far_from_it() {
        let together: Vec<_> = (0..100).map(|n| at(10_000 + 10 * n, u128::from(n))).collect();
        let all = Wanted::of(together.clone());
        assert_eq!(all.range, Some((together[0], together[99])));
        assert!(all.beside().is_empty());
        let far = [at(3, 0), at(90_000, 0)];
        let with_far = Wanted::of([&together[..], &far].concat());
        assert_eq!(with_far.range, all.range);
        assert_eq!(with_far.beside(), far);
        let few = Wanted::of(together[..RANGE_MIN - 1].to_vec());
        assert_eq!((few.range, few.beside().len()), (None, RANGE_MIN - 1));
        let at_once: Vec<_> = (0..100).map(|n| at(7, n)).collect();
        assert_eq!(Wanted::of(at_once).beside().len(), 0);
    }

    #[test]
    fn events_that_follow_each_other_are_one_run() {
        let (one, other) = (MemberId::new(), MemberId::new());
        let items = [(one, 4), (other, 1), (one, 3), (one, 6), (one, 3)];
        let items = items.map(|(member, seq)| Item::Event { member, seq });
        let run = |member: MemberId, first, last| Run { id: member.uuid(), first, last };
        assert_eq!(runs(&items), [run(one, 3, 4), run(one, 6, 6), run(other, 1, 1)]);
        assert_eq!(runs(&[]), []);
    }
}
