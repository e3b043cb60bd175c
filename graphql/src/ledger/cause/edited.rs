//! Why an order that was changed gives points, or takes them.

use super::{edited, purchase, transaction};
use crate::earning::Explanation;
use crate::scalars::Points;
use async_graphql::{Enum, ID, SimpleObject};
use perennial_core::earning::Appraisal;
use perennial_core::ledger::cause;

/// An order was changed after it was recorded.
#[derive(Debug, SimpleObject)]
pub(crate) struct EditCause {
    /// The edit's id.
    pub(super) edit_id: ID,
    /// The shop's number of the edit.
    pub(super) edit_reference: String,
    /// The purchase's id. Null if points that had paid were given back.
    pub(super) purchase_id: Option<ID>,
    /// The shop's order number.
    pub(super) purchase_reference: String,
    /// What the edit did.
    pub(super) effect: EditEffect,
    /// What was taken away had earned of these points: as many count as earned no more. Null of what
    /// was added or given back.
    pub(super) points: Option<Points>,
    /// Why what was added has earned. Null of what was taken away or given back.
    pub(super) explanation: Option<Explanation>,
    /// The id of the transaction by which points had paid. Null if none are given back.
    pub(super) payment_id: Option<ID>,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

/// What an edit did to a member's points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum EditEffect {
    /// Something was added to the order, and has earned points.
    Added,
    /// Something was taken away, and what it had earned with it.
    Removed,
    /// The order costs less than points had paid, and the rest was given back.
    Refunded,
}

impl From<cause::EditEarning> for EditCause {
    fn from(cause: cause::EditEarning) -> Self {
        let appraisal: Option<Appraisal> = serde_json::from_value(cause.appraisal).ok();
        Self {
            edit_id: edited(cause.edit),
            // Of what a group got they are numbers of nobody's, which begin with a space.
            edit_reference: cause.reference.trim_start().to_owned(),
            purchase_id: Some(purchase(cause.purchase)),
            purchase_reference: cause.purchase_reference.trim_start().to_owned(),
            effect: EditEffect::Added,
            points: None,
            explanation: appraisal.map(Explanation::from),
            payment_id: None,
            revision: cause.revision,
        }
    }
}

impl From<cause::EditReturn> for EditCause {
    fn from(cause: cause::EditReturn) -> Self {
        Self {
            edit_id: edited(cause.edit),
            edit_reference: cause.reference.trim_start().to_owned(),
            purchase_id: Some(purchase(cause.purchase)),
            purchase_reference: cause.purchase_reference.trim_start().to_owned(),
            effect: EditEffect::Removed,
            points: Some(cause.points.into()),
            explanation: None,
            payment_id: None,
            revision: cause.revision,
        }
    }
}

impl From<cause::EditRefund> for EditCause {
    fn from(cause: cause::EditRefund) -> Self {
        Self {
            edit_id: edited(cause.edit),
            // Where another than the buyer has paid they are numbers of nobody's.
            edit_reference: cause.reference.trim_start().to_owned(),
            purchase_id: None,
            purchase_reference: cause.purchase_reference.trim_start().to_owned(),
            effect: EditEffect::Refunded,
            points: None,
            explanation: None,
            payment_id: Some(transaction(cause.payment)),
            revision: cause.revision,
        }
    }
}
