//! Pending points: earned, and not to be spent before a day has come or something has happened, such
//! as the delivery.
//!
//! ```text
//! PENDING ── its day comes, its event is reported, or somebody activates it ─→ ACTIVATED
//!    └────── its transaction is voided, or its purchase comes back ──────────→ CANCELLED
//! ```
//!
//! How long what waits, the program file says; the ledger posts it (`operation/pending.rs`). They
//! are known by the transaction that earned them, so to cancel them is to void that.

mod activate;
mod read;

pub use activate::{Activate, Activated};
pub use read::Pending;

use crate::context::Context;

/// The service. Get it from [`crate::Loyalty::pending`].
#[derive(Clone, Copy, Debug)]
pub struct PendingPoints<'a> {
    pub(crate) context: &'a Context,
}
