//! Why points were given or taken otherwise: corrections, and what time does.

use super::{purchase, returned, transaction};
use crate::scalars::{DateTime, Points};
use async_graphql::{ID, SimpleObject};
use perennial_core::ledger::cause;

/// Something of a purchase came back.
#[derive(Debug, SimpleObject)]
pub(crate) struct ReturnCause {
    /// The return's id.
    pub(super) return_id: ID,
    /// The shop's number of the return.
    pub(super) return_reference: String,
    /// The purchase's id.
    pub(super) purchase_id: ID,
    /// The shop's order number.
    pub(super) purchase_reference: String,
    /// What it had earned of these points: as many count as earned no more. Fewer are taken if some
    /// of them expired.
    pub(super) points: Points,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Return> for ReturnCause {
    fn from(cause: cause::Return) -> Self {
        Self {
            return_id: returned(cause.return_id),
            return_reference: cause.reference,
            purchase_id: purchase(cause.purchase),
            purchase_reference: cause.purchase_reference,
            points: cause.points.into(),
            revision: cause.revision,
        }
    }
}

/// An operator gave points or took them.
#[derive(Debug, SimpleObject)]
pub(crate) struct AdjustmentCause {
    /// Why, in the operator's words.
    pub(super) reason: String,
    /// Whether they count as earned, as for the tiers.
    pub(super) counts_as_earned: bool,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Adjustment> for AdjustmentCause {
    fn from(cause: cause::Adjustment) -> Self {
        Self {
            reason: cause.reason,
            counts_as_earned: cause.counts_as_earned,
            revision: cause.revision,
        }
    }
}

/// Another transaction was wrong and was made good.
#[derive(Debug, SimpleObject)]
pub(crate) struct VoidCause {
    /// The id of the transaction that was wrong.
    pub(super) transaction_id: ID,
    /// Why, in the operator's words.
    pub(super) reason: String,
    /// How many points could not be taken back, because the member had fewer.
    pub(super) short: Points,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Void> for VoidCause {
    fn from(cause: cause::Void) -> Self {
        Self {
            transaction_id: transaction(cause.voids),
            reason: cause.reason,
            short: cause.short.into(),
            revision: cause.revision,
        }
    }
}

/// An operator let points last longer.
#[derive(Debug, SimpleObject)]
pub(crate) struct ExtensionCause {
    /// Why, in the operator's words.
    pub(super) reason: String,
    /// When they expire now. Null if they never do.
    pub(super) until: Option<DateTime>,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Extension> for ExtensionCause {
    fn from(cause: cause::Extension) -> Self {
        Self {
            reason: cause.reason,
            until: cause.until.map(DateTime::from),
            revision: cause.revision,
        }
    }
}

/// Points are over.
#[derive(Debug, SimpleObject)]
pub(crate) struct ExpiryCause {
    /// Why, in the words of the operator who ended them. Null if it was their time.
    pub(super) reason: Option<String>,
    /// The revision of the program that ran. Null if it was their time.
    pub(super) revision: Option<u32>,
}

impl ExpiryCause {
    pub(super) const OF_TIME: Self = Self { reason: None, revision: None };
}

impl From<cause::Ending> for ExpiryCause {
    fn from(cause: cause::Ending) -> Self {
        Self { reason: Some(cause.reason), revision: Some(cause.revision) }
    }
}

/// Points had expired too early, by a clock that was wrong.
#[derive(Debug, SimpleObject)]
pub(crate) struct RestorationCause {
    /// The id of the transaction by which they had expired.
    pub(super) transaction_id: ID,
}

impl From<cause::Restoration> for RestorationCause {
    fn from(cause: cause::Restoration) -> Self {
        Self { transaction_id: transaction(cause.expired) }
    }
}

/// The member was erased.
#[derive(Debug, SimpleObject)]
pub(crate) struct ErasureCause {
    /// Whether the erasure itself made the transaction; if not, the transaction had another cause,
    /// which was erased.
    pub(super) is_its_own: bool,
}
