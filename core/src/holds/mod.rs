//! Holds: points that are reserved, for a cart or a till, until they are captured or free again.
//!
//! ```text
//!          capture: spent, all or part; the rest is free
//! open ──► release: all is free
//!          time is over: all is free
//! ```
//!
//! An end is final, and each can be asked for again: the same answer comes once more. What is
//! reserved has left the wallet, so nothing else can spend it, and it does not expire meanwhile; a
//! return that comes in between makes a debt, and the hold keeps its promise. A hold ends at its time
//! whoever looks, as points expire: lazily, and swept.

mod act;
mod read;

pub use act::{CaptureHold, HoldPoints};
pub use read::{Hold, HoldState};

use crate::context::Context;

/// The longest that points can be held, in days.
pub const DAYS_MAX: u64 = 90;
/// How long they are held if nobody says, in minutes.
pub const MINUTES_DEFAULT: u64 = 15;

/// The service. Get it from [`crate::Loyalty::holds`].
#[derive(Clone, Copy, Debug)]
pub struct Holds<'a> {
    pub(crate) context: &'a Context,
}
