//! What is known of an order.

use super::portions::{Line, up_to};
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
    /// What is gone of it had earned it and was not taken back, though it had not expired: by account,
    /// and whether it is bonus points.
    pub(in crate::model) forgiven: BTreeMap<(usize, bool), i64>,
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
    /// What caps of a period or of the balance cut besides.
    pub(in crate::model) cut: i64,
    pub(in crate::model) transaction: Option<usize>,
    /// What earned it: what was bought first, or by an edit.
    pub(in crate::model) batch: usize,
}

/// What points have paid of a purchase: how many, what they were worth, and the transactions, in the
/// order in which they paid.
#[derive(Clone, Debug)]
pub(in crate::model) struct Payment {
    pub(in crate::model) points: i64,
    pub(in crate::model) worth: i64,
    pub(in crate::model) transactions: Vec<usize>,
    /// Of what was bought first, and of what each edit has put in the place of something.
    pub(in crate::model) parts: BTreeMap<usize, PaidPart>,
}

/// What points pay of what was bought at once, which has cost so much.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct PaidPart {
    pub(in crate::model) points: i64,
    pub(in crate::model) worth: i64,
    pub(in crate::model) of: i64,
}

impl Payment {
    pub(in crate::model) fn of(points: i64, worth: i64, of: i64, transactions: Vec<usize>) -> Self {
        let first = PaidPart { points, worth, of };
        Self { points, worth, transactions, parts: [(0, first)].into() }
    }

    /// What points had paid of what is gone of lines: how many, and what they were worth.
    pub(in crate::model) fn of_gone(&self, lines: &[Line]) -> (i64, i64) {
        let mut sum = (0, 0);
        for (batch, part) in self.parts.iter().filter(|(_, part)| part.of > 0) {
            let portions = lines.iter().flat_map(|line| &line.portions);
            let its = portions.filter(|portion| portion.batch == *batch);
            let gone: i64 = its.map(|portion| portion.gone.amount).sum();
            let share = |whole: i64| up_to(whole, gone.into(), part.of.into());
            sum = (sum.0 + share(part.points), sum.1 + share(part.worth));
        }
        sum
    }

    /// What they are worth that pay of what is left.
    pub(in crate::model) fn left(&self, lines: &[Line]) -> i64 {
        let all: i64 = self.parts.values().map(|part| part.worth).sum();
        all - self.of_gone(lines).1
    }
}
