//! Whether the journal lists each row once, and rows are all that it lists, in bounded memory: both
//! sides are summed up as hashes, in so many parts. What is on one side alone leaves its part other
//! than zero; then that part alone is compared item by item.
//!
//! The hashes are keyed anew in each run, so nobody can choose rows that cancel each other out.

use super::report::Fault;
use crate::journal::Item;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

const PARTS: usize = 1024;

/// What the journal lists, less the rows that there are.
#[derive(Clone)]
pub(super) struct Listed {
    keys: [RandomState; 2],
    parts: Vec<u128>,
}

/// Which side an item is on.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Journal,
    Rows,
}

/// One part, item by item.
pub(super) struct Part {
    number: usize,
    surplus: BTreeMap<(u8, Vec<u8>), (Item, i64)>,
}

impl Listed {
    pub(super) fn new() -> Self {
        Self { keys: [RandomState::new(), RandomState::new()], parts: vec![0; PARTS] }
    }

    pub(super) fn add(&mut self, side: Side, item: &Item) {
        let (number, hash) = self.hash(item);
        let sum = &mut self.parts[number];
        *sum = match side {
            Side::Journal => sum.wrapping_add(hash),
            Side::Rows => sum.wrapping_sub(hash),
        };
    }

    /// Of nothing yet, with the same keys.
    pub(super) fn beside(&self) -> Self {
        Self { keys: self.keys.clone(), parts: vec![0; PARTS] }
    }

    /// Adds what others have summed up with the same keys.
    pub(super) fn join(&mut self, others: &Self) {
        for (sum, other) in self.parts.iter_mut().zip(&others.parts) {
            *sum = sum.wrapping_add(*other);
        }
    }

    /// The first part in which the sides differ.
    pub(super) fn different(&self) -> Option<Part> {
        let number = self.parts.iter().position(|sum| *sum != 0)?;
        Some(Part { number, surplus: BTreeMap::new() })
    }

    /// Counts an item if it is of the part.
    pub(super) fn count(&self, part: &mut Part, side: Side, item: &Item) {
        if self.hash(item).0 != part.number {
            return;
        }
        let (_, surplus) = part.surplus.entry(order(item)).or_insert((*item, 0));
        *surplus += match side {
            Side::Journal => 1,
            Side::Rows => -1,
        };
    }

    fn hash(&self, item: &Item) -> (usize, u128) {
        let [high, low] = [0, 1].map(|key| self.keys[key].hash_one(item));
        let number = usize::try_from(low % PARTS as u64).unwrap_or_default();
        (number, (u128::from(high) << 64) | u128::from(low))
    }
}

impl Part {
    pub(super) fn fault(self) -> Option<Fault> {
        let mut items = self.surplus.into_values();
        let (item, surplus) = items.find(|(_, surplus)| *surplus != 0)?;
        let (table, key) = name(&item);
        Some(match surplus {
            1.. => Fault::new(
                table,
                key,
                "as often as the journal lists it",
                format!("{surplus} fewer"),
            ),
            _ => Fault::new(table, key, "its place in the journal", "none"),
        })
    }
}

fn order(item: &Item) -> (u8, Vec<u8>) {
    use crate::Id;
    match item {
        Item::Event { member, seq } => {
            (0, [&member.uuid().as_bytes()[..], &seq.to_be_bytes()].concat())
        }
        Item::Transaction(id) => (1, id.uuid().as_bytes().to_vec()),
        Item::Message(id) => (2, id.uuid().as_bytes().to_vec()),
    }
}

/// The row that an item names, by its table and key.
pub(super) fn name(item: &Item) -> (&'static str, String) {
    match item {
        Item::Event { member, seq } => ("events", format!("{member} {seq}")),
        Item::Transaction(id) => ("transactions", id.to_string()),
        Item::Message(id) => ("messages", id.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemberId, TransactionId};

    fn compare(journal: &[Item], rows: &[Item]) -> Option<Fault> {
        let mut listed = Listed::new();
        journal.iter().for_each(|item| listed.add(Side::Journal, item));
        rows.iter().for_each(|item| listed.add(Side::Rows, item));
        let mut part = listed.different()?;
        journal.iter().for_each(|item| listed.count(&mut part, Side::Journal, item));
        rows.iter().for_each(|item| listed.count(&mut part, Side::Rows, item));
        part.fault()
    }

    #[test]
    fn what_is_on_one_side_alone_is_named() {
        let member = MemberId::new();
        let mut items: Vec<_> = (1..2_000).map(|seq| Item::Event { member, seq }).collect();
        items.extend((0..2_000).map(|_| Item::Transaction(TransactionId::new())));
        let mut others = items.clone();
        others.reverse();
        assert_eq!(compare(&items, &others), None, "in whatever order");
        let gone = others.pop().unwrap();
        let fault = compare(&items, &others).unwrap();
        assert_eq!((fault.table, fault.key), name(&gone));
        let fault = compare(&others, &items).unwrap();
        assert_eq!((fault.table, fault.key, fault.found.as_str()), {
            let (table, key) = name(&gone);
            (table, key, "none")
        });
        others.extend([others[5], gone]);
        let twice = compare(&others, &items).unwrap();
        assert_eq!((twice.table, twice.key), name(&others[5]));
    }
}
