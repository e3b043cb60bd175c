//! What was reported late is about: a member's activities since then, and what has ended meanwhile
//! because the member did not seem to be active.

use super::PointType;
use super::wallet::Lot;
use crate::{Points, Timestamp, TransactionId};

/// What is known of an account since an instant that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Late {
    /// Each with the type of points that it is about, if not all.
    pub(super) active: Vec<(Option<PointType>, Timestamp)>,
    pub(super) ended: Vec<Ended>,
    /// Whether what has ended is left to be written down by whoever looks next: more may be reported
    /// that keeps it.
    pub(super) defers: bool,
}

/// What one transaction expired because the member was not active, and nobody gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) expired_by: TransactionId,
    pub(crate) point_type: PointType,
    pub(crate) at: Timestamp,
    /// Lots with the points that they lost.
    pub(crate) lots: Vec<(Lot, Points)>,
}
