//! What came back of a purchase, as both schemas show it.

use crate::money::Money;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Points};
use async_graphql::{ID, SimpleObject};
use perennial_core::purchases::{self, Purchase, PurchaseReturn};
use perennial_core::returns::ReturnedPart;
use perennial_core::{Currency, ReturnId};

/// What of a purchase came back at once.
#[derive(Debug, SimpleObject)]
pub(crate) struct Return {
    /// The return's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The shop's number of the return.
    reference: String,
    /// When it came back.
    returned_at: DateTime,
    /// The amount that came back.
    amount: Money,
    /// The parts of lines that came back; of a purchase without lines, one part at position 0.
    lines: Vec<ReturnedLine>,
    /// Points that the returned part had earned. They count as earned no more.
    points_earned: Points,
    /// Points that were taken back for it.
    points_taken: Points,
    /// The id of the transaction that took them back. Null if none were there to be taken.
    transaction_id: Option<ID>,
    /// Points that had paid for what came back, and were given back.
    points_refunded: Points,
}

/// Part of a line that came back, or was taken away.
#[derive(Debug, SimpleObject)]
pub(crate) struct ReturnedLine {
    /// Which line of the purchase it is, from 1; 0 for a purchase without lines.
    position: i32,
    /// The number of items that came back.
    quantity: i64,
    /// The amount that came back.
    amount: Money,
    /// Points that this part had earned.
    points_earned: Points,
}

impl Return {
    /// All returns of a purchase, in the order in which they were recorded.
    pub(crate) fn of(purchase: &Purchase) -> Vec<Self> {
        purchase.returns.iter().map(|one| Self::new(purchase, one)).collect()
    }

    /// One of a purchase.
    pub(crate) fn find(purchase: &Purchase, id: ReturnId) -> Option<Self> {
        let found = purchase.returns.iter().find(|one| one.id == id);
        found.map(|one| Self::new(purchase, one))
    }

    fn new(purchase: &Purchase, one: &PurchaseReturn) -> Self {
        let currency: Currency = purchase.currency;
        let line = |line: &purchases::ReturnedLine| ReturnedLine::shown(currency, line);
        Self {
            id: GlobalId::Return(one.id).into(),
            reference: one.reference.trim_start().to_owned(),
            returned_at: one.returned_at.into(),
            amount: Money::new(currency, one.amount_minor),
            lines: one.lines.iter().map(line).collect(),
            points_earned: one.points.into(),
            points_taken: one.points_taken.into(),
            transaction_id: one.transaction.map(|id| GlobalId::Transaction(id).into()),
            points_refunded: one.points_refunded.into(),
        }
    }
}

impl ReturnedLine {
    /// As it is read.
    pub(crate) fn shown(currency: Currency, line: &purchases::ReturnedLine) -> Self {
        Self {
            position: line.position,
            quantity: line.quantity,
            amount: Money::new(currency, line.amount_minor),
            points_earned: line.points.into(),
        }
    }

    /// As a receipt says it.
    pub(crate) fn of(currency: Currency, part: &ReturnedPart) -> Self {
        Self {
            position: part.position,
            quantity: part.quantity,
            amount: Money::new(currency, part.amount_minor),
            points_earned: part.points.into(),
        }
    }
}
