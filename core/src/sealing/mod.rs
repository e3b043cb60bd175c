//! Sealing: what the journal has placed is chained, so that nobody changes it unnoticed.
//!
//! A *seal* is a row about a block of the journal, the next up to a thousand items of it: a digest
//! of what each item names, and a hash over these and the hash of the seal before. So the last seal
//! stands for all that the program ever recorded, and whoever keeps its hash elsewhere, or trusts
//! the server's key, which signs it, can tell whether anything of it was changed.
//! `core/src/verify` does that.
//!
//! Behind the write path: a commit knows nothing of it. A worker seals what has been placed, once
//! enough has gathered or has waited long enough. It holds no lock, for the rows that it reads do
//! not change, and two that seal the same number collide on its key.
//!
//! What a digest covers is said in `encoding.rs`, once and permanently; another form of it would be
//! another version.

mod block;
mod digest;
mod encoding;
mod found;
mod gather;
mod named;
mod ranges;
mod rows;
mod seal;
mod wanted;

pub(crate) use block::{Block, DIGEST_BYTES, FIRST_PREVIOUS, message};
pub(crate) use found::{Found, TransactionFound, Unveiled};
pub(crate) use gather::Gathering;
pub(crate) use named::Named;
pub(crate) use ranges::Reading;
pub(crate) use rows::{EntryRow, EventRow, JournalRow, LineRow, SealRow, TransactionRow};
pub(crate) use seal::seal;

/// The most items of a block, which bounds what a seal reads and what a wrong one leaves to be
/// looked at.
pub(crate) const ITEMS_MAX: usize = 1_000;

/// A select of how many positions of the program `p.id` are not sealed.
pub(crate) const UNSEALED: &str = "
    SELECT COALESCE((
        SELECT j.position + j.count - 1
        FROM journal AS j
        WHERE j.program_id = p.id AND j.position > 0
        ORDER BY j.position DESC
        LIMIT 1
    ), 0) - COALESCE((
        SELECT z.last_position
        FROM seals AS z
        WHERE z.program_id = p.id AND z.number > 0
        ORDER BY z.number DESC
        LIMIT 1
    ), 0)";
