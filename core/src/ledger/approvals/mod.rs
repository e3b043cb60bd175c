//! Approvals: adjustments so large that a second operator decides about them.
//!
//! ```text
//!             another operator approves: posted, as of then
//! waiting ──► somebody declines: nothing happens
//!             nobody decides in time: nothing happens
//! ```
//!
//! An end is final, and can be asked for again: the same answer comes once more. A request is made
//! and decided under the version of the member's account, like all that changes the account, so of
//! two who decide at once one does. What it asks for is decided when it is approved, on what there is
//! then; what is refused then goes on waiting. Its time is over for whoever looks, and nothing sweeps.

mod decide;
mod read;
mod request;
pub(crate) mod section;

pub use decide::{Approved, Decide};
pub(super) use read::known;
pub(super) use request::{Requested, ask_requested, request};

use crate::accounts::PointType;
use crate::{ApprovalId, MemberId, Points, Timestamp, TransactionId};

/// An adjustment that somebody asked for, and what became of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: ApprovalId,
    pub member: MemberId,
    /// To be given when positive, to be taken when negative.
    pub points: Points,
    pub point_type: PointType,
    /// For people.
    pub reason: String,
    pub counts_as_earned: bool,
    /// When what is given expires; as the program's policy says when absent.
    pub expires_at: Option<Timestamp>,
    /// Since when it is given; when it is approved when absent.
    pub effective_at: Option<Timestamp>,
    pub requested_at: Timestamp,
    /// Who asked, such as `operator:till`.
    pub requested_by: String,
    /// Until when somebody can decide.
    pub decide_by: Timestamp,
    pub state: ApprovalState,
}

/// Whether a request waits, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalState {
    Waiting,
    Approved {
        decision: Decision,
        transaction: TransactionId,
    },
    Declined(Decision),
    /// Nobody had decided in time.
    Expired,
}

/// What somebody said to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub at: Timestamp,
    /// Who, such as `operator:office`.
    pub by: String,
    /// For people.
    pub reason: Option<String>,
}

/// In which state requests are that are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InState {
    Waiting,
    Approved,
    Declined,
    Expired,
}

/// How the end of a request is stored.
const APPROVED: &str = "APPROVED";
const DECLINED: &str = "DECLINED";
