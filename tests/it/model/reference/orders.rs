//! What is known of an order.

use super::portions::Line;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(in crate::model) struct Order {
    pub(in crate::model) member: String,
    pub(in crate::model) at: Timestamp,
    /// What was sent, to tell a repeat.
    pub(in crate::model) arguments: Value,
    pub(in crate::model) receipt: Value,
    pub(in crate::model) lines: Vec<Line>,
    /// Whom it counts for, as they were called then.
    pub(in crate::model) accounts: Vec<String>,
    /// What it has earned, in the order in which it was given.
    pub(in crate::model) gains: Vec<Gain>,
    pub(in crate::model) payment: Option<Payment>,
    pub(in crate::model) is_over: bool,
    /// By reference, what was sent and what is answered.
    pub(in crate::model) returns: BTreeMap<String, (Value, Value)>,
    pub(in crate::model) edits: BTreeMap<String, (Value, Value)>,
    pub(in crate::model) edited_at: Option<Timestamp>,
}

impl Order {
    /// Whether nothing that was paid for is left, or no item where nothing costs anything.
    pub(in crate::model) fn is_whole(&self) -> bool {
        let is_free = self.lines.iter().all(|line| line.ordered().amount == 0);
        self.lines.iter().map(Line::left).all(|left| match is_free {
            true => left.quantity == 0,
            false => left.amount == 0,
        })
    }

    /// Which of its accounts is the buyer's, if it counts for that.
    pub(in crate::model) fn own(&self) -> Option<usize> {
        self.accounts.iter().position(|account| *account == self.member)
    }

    /// Whether something of it came back, or was taken away.
    pub(in crate::model) fn has_lost(&self) -> bool {
        self.lines.iter().any(|line| line.portions.iter().any(|one| !one.gone.is_none()))
    }
}

/// Points of one type that an order has earned somebody at once.
#[derive(Clone, Debug)]
pub(in crate::model) struct Gain {
    /// Which of the order's accounts.
    pub(in crate::model) account: usize,
    pub(in crate::model) is_bonus: bool,
    pub(in crate::model) points: i64,
    pub(in crate::model) transaction: Option<usize>,
}

/// What points have paid of a purchase and did not go back with an edit: how many, what they were
/// worth, of how much, and the transactions, in the order in which they paid.
#[derive(Clone, Debug)]
pub(in crate::model) struct Payment {
    pub(in crate::model) points: i64,
    pub(in crate::model) worth: i64,
    pub(in crate::model) of: i64,
    /// What of it came back since.
    pub(in crate::model) back: i64,
    pub(in crate::model) transactions: Vec<usize>,
}
