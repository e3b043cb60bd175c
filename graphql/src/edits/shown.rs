//! How an order was changed, as both schemas show it.

use crate::earning::Explanation;
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::returns::ReturnedLine;
use crate::scalars::{DateTime, Points};
use async_graphql::{ID, SimpleObject};
use perennial_core::purchases::{self, EditedLine, Purchase};
use perennial_core::{Currency, EditId};

/// A change of an order after it was recorded.
#[derive(Debug, SimpleObject)]
pub(crate) struct PurchaseEdit {
    /// The edit's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The shop's number of the edit.
    reference: String,
    /// Why, in the operator's words. Null if they said nothing.
    reason: Option<String>,
    /// When the order was changed.
    edited_at: DateTime,
    /// What the order cost before.
    total_before: Money,
    /// What it cost after.
    total: Money,
    /// What was added to lines, or as lines.
    added: Vec<AddedLine>,
    /// The parts of lines that were taken away; of a purchase without lines, one part at position 0.
    removed: Vec<ReturnedLine>,
    /// Points that what was added has earned.
    points_earned: Points,
    /// The id of the transaction by which it earned them. Null if it earned none.
    earned_transaction_id: Option<ID>,
    /// Why it has earned them.
    explanation: Explanation,
    /// Points that what was taken away had earned. They count as earned no more.
    points_removed: Points,
    /// Points that were taken back for it.
    points_taken: Points,
    /// The id of the transaction that took them back. Null if none were there to be taken.
    taken_transaction_id: Option<ID>,
    /// Points that had paid more than the order cost after, and were given back.
    points_refunded: Points,
}

/// What an edit has added to a line, or as one.
#[derive(Debug, SimpleObject)]
pub(crate) struct AddedLine {
    /// Which line of the purchase it is, from 1; 0 for a purchase without lines.
    position: i32,
    /// The product's identifier in the shop. Null for a purchase without lines.
    sku: Option<String>,
    /// The number of items that were added; 0 if only the price has risen.
    quantity: i64,
    /// The amount that was added.
    amount: Money,
    /// Points that this part has earned.
    points_earned: Points,
}

impl PurchaseEdit {
    /// All edits of a purchase, in the order in which they were recorded.
    pub(crate) fn of(purchase: &Purchase) -> Vec<Self> {
        purchase.edits.iter().map(|edit| Self::new(purchase.currency, edit)).collect()
    }

    /// One of a purchase.
    pub(crate) fn find(purchase: &Purchase, id: EditId) -> Option<Self> {
        let found = purchase.edits.iter().find(|edit| edit.id == id);
        found.map(|edit| Self::new(purchase.currency, edit))
    }

    fn new(currency: Currency, edit: &purchases::PurchaseEdit) -> Self {
        let removed = |line: &purchases::ReturnedLine| ReturnedLine::shown(currency, line);
        Self {
            id: GlobalId::Edit(edit.id).into(),
            reference: edit.reference.trim_start().to_owned(),
            reason: edit.reason.clone(),
            edited_at: edit.edited_at.into(),
            total_before: Money::new(currency, edit.total_before_minor),
            total: Money::new(currency, edit.total_minor),
            added: edit.added.iter().map(|line| AddedLine::new(currency, line)).collect(),
            removed: edit.removed.iter().map(removed).collect(),
            points_earned: edit.points.into(),
            earned_transaction_id: edit.transaction.map(|id| GlobalId::Transaction(id).into()),
            explanation: edit.appraisal.clone().into(),
            points_removed: edit.points_removed.into(),
            points_taken: edit.points_taken.into(),
            taken_transaction_id: edit.taken_by.map(|id| GlobalId::Transaction(id).into()),
            points_refunded: edit.points_refunded.into(),
        }
    }
}

impl AddedLine {
    pub(super) fn new(currency: Currency, line: &EditedLine) -> Self {
        Self {
            position: line.position,
            sku: Some(line.sku.clone()).filter(|sku| !sku.is_empty()),
            quantity: line.quantity,
            amount: Money::new(currency, line.amount_minor),
            points_earned: line.points.into(),
        }
    }
}
