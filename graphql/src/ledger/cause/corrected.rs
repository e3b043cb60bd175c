//! Why points were given or taken otherwise: corrections, and what time does.

use super::{purchase, returned, transaction};
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Points};
use async_graphql::{Enum, ID, SimpleObject};
use perennial_core::MemberId;
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
            // Of what a group got they are numbers of nobody's, which begin with a space.
            return_reference: cause.reference.trim_start().to_owned(),
            purchase_id: purchase(cause.purchase),
            purchase_reference: cause.purchase_reference.trim_start().to_owned(),
            points: cause.points.into(),
            revision: cause.revision,
        }
    }
}

/// A plugin took the points, over something that had happened.
#[derive(Debug, SimpleObject)]
pub(crate) struct DeductionCause {
    /// The plugin's id in the program file.
    pub(super) plugin_key: String,
    /// SHA-256 digest of the plugin's component, in hexadecimal.
    pub(super) digest: String,
    /// The id of the event that it was over.
    pub(super) event_id: ID,
    /// The plugin's own name for the deduction.
    pub(super) deduction_key: String,
    /// Why the points were taken, in the plugin's words.
    pub(super) reason: String,
    /// How many the plugin was to take. The member had fewer, if fewer were taken.
    pub(super) points_asked: Points,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl DeductionCause {
    pub(super) fn new(member: MemberId, cause: cause::Deduction) -> Self {
        Self {
            plugin_key: cause.plugin,
            digest: cause.digest,
            event_id: GlobalId::Event(member, cause.event).into(),
            deduction_key: cause.key,
            reason: cause.reason,
            points_asked: cause.asked.into(),
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
    /// What ended them.
    pub(super) by: ExpiredBy,
    /// Why, in the words of the operator who ended them. Null if no operator did.
    pub(super) reason: Option<String>,
    /// The revision of the program that ran. Null if no operator ended them.
    pub(super) revision: Option<u32>,
}

impl ExpiryCause {
    pub(super) const fn of_itself(by: ExpiredBy) -> Self {
        Self { by, reason: None, revision: None }
    }
}

impl From<cause::Ending> for ExpiryCause {
    fn from(cause: cause::Ending) -> Self {
        Self { by: ExpiredBy::Operator, reason: Some(cause.reason), revision: Some(cause.revision) }
    }
}

/// What ends points. More can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ExpiredBy {
    /// Their time was over.
    Time,
    /// The member had not been active for as long as they last.
    Inactivity,
    /// An operator ended them by hand.
    Operator,
}

/// Points had expired too early.
#[derive(Debug, SimpleObject)]
pub(crate) struct RestorationCause {
    /// What was wrong with it.
    pub(super) reason: RestorationReason,
    /// The id of the transaction by which they had expired.
    pub(super) transaction_id: ID,
}

impl From<cause::Restoration> for RestorationCause {
    fn from(cause: cause::Restoration) -> Self {
        Self { reason: cause.reason.into(), transaction_id: transaction(cause.expired) }
    }
}

/// Why points had expired too early. More can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "cause::RestorationReason")]
pub(crate) enum RestorationReason {
    /// The server's clock was wrong.
    TooEarly,
    /// The member had been active, which was reported later.
    WasActive,
}

/// The member was erased.
#[derive(Debug, SimpleObject)]
pub(crate) struct ErasureCause {
    /// Whether the erasure itself made the transaction; if not, the transaction had another cause,
    /// which was erased.
    pub(super) is_its_own: bool,
}
