//! The journal: one order of all that was recorded in a program – events, transactions and messages
//! – without gaps, and such that whoever has read up to a position has read all that there will
//! ever be up to it.
//!
//! An id cannot give that order: it is made before the commit, so a later commit may hold a smaller
//! one. Nor can the commit: it would have to wait for every other of the program. So a commit writes
//! what it recorded into `journal_unplaced`, as one small row in the statement that writes all the
//! rest, and the worker *places* it a moment later: it moves the row into `journal` behind the last
//! one there. What is placed is never changed, and nothing is placed before it.
//!
//! `core/src/changes` reads the journal.

mod items;
mod placing;

pub use items::ChangeKind;
pub(crate) use items::{Item, kinds, unpack};
pub(crate) use placing::{UNPLACED, place};

use crate::db::{Writes, row};

/// The most items of a row, so that a page of changes reads little that it does not return. The
/// migration that made the table has the same number.
const ROW_ITEMS_MAX: usize = 100;

row! {
    struct UnplacedRow in "journal_unplaced" {
        count: usize,
        kinds: i32,
        items: Vec<u8>,
    }
}

/// Writes what a commit recorded, in the order in which it was decided.
pub(crate) fn write(writes: &mut Writes, items: &[Item]) {
    for part in items.chunks(ROW_ITEMS_MAX) {
        let kinds = kinds(part.iter().map(Item::kind));
        writes.insert(&UnplacedRow { count: part.len(), kinds, items: items::pack(part) });
    }
}
