//! Accounts: who owns points, and what an account is at a moment – statistics and tier, wallets,
//! open lots.
//!
//! Pure, apart from reading and from the rows to be written: a `MemberState` is read, changed in
//! memory and written back under its version by an `Operation`. What can be spent, which lots go
//! first and what has expired is decided here and nowhere else.

mod activity;
mod early;
mod expiry;
mod gained;
mod gaining;
mod holding;
mod holds;
mod late;
mod lateness;
mod lost;
mod made;
mod merging;
mod parked;
mod parting;
mod pending;
pub(crate) mod policy;
mod portions;
mod read;
mod room;
mod rows;
mod state;
mod taking;
#[cfg(test)]
mod tests;
mod trace;
mod used;
mod wallet;
mod write;

pub use crate::PointType;
pub(crate) use early::{EarlyExpiry, ask_early};
pub(crate) use expiry::Due;
pub(crate) use gaining::ask_gained;
pub(crate) use holds::OpenHold;
pub(crate) use late::Ended;
pub(crate) use lateness::{ask_late, ask_late_since};
pub(crate) use made::{Made, MadeQuestions, ask_made};
pub(crate) use merging::Belongings;
pub(crate) use parked::Parked;
pub(crate) use parting::Parting;
pub use policy::{Cap, Caps, Expiry, MayOwe, Payment, Pending, PointsPolicy, Terms};
pub(crate) use portions::Portion;
pub use read::Expiring;
pub(crate) use read::{ExpiringRow, Lots, StateQuestions, ask_expiring, ask_states};
pub use room::Cut;
pub(crate) use room::{Room, add_cuts};
pub use state::Standing;
pub(crate) use state::{MemberState, States};
pub(crate) use taking::TakenBack;
pub(crate) use trace::{Trace, TracedRow, ask_trace};
pub(crate) use used::{Used, UsedLot, UsedQuestions, ask_used};
pub(crate) use wallet::{Credit, Expired, Lot, LotPart, Wallet};
pub(crate) use write::write;
