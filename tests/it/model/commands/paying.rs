//! Points that pay for a part of a purchase, or a hold that does.

use super::purchase::Purchase;
use super::{Ids, Pick};
use crate::model::reference::books::{Hold, Refusal, State};
use crate::model::reference::terms::{PAY, PAY_MIN, PAY_PERCENT};
use crate::model::reference::{Payment, Reference};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Points that pay, or a hold that does.
type Paid = (Option<i64>, Option<Pick>);

pub(super) fn any_payment() -> impl Strategy<Value = Paid> {
    prop_oneof![
        6 => Just((None, None)),
        3 => (0..25_i64).prop_map(|points| (Some(points), None)),
        1 => Pick::any().prop_map(|hold| (None, Some(hold))),
    ]
}

/// What pays where points do; a hold mostly one of the member's own.
pub(super) fn payment_of(reference: &Reference, member: &str, (pay, hold): Paid) -> Paid {
    if !reference.terms.pay {
        return (None, None);
    }
    let of = reference.books.root(member);
    let holds = &reference.books.holds;
    let open = holds.iter().filter(|hold| hold.owner == of && hold.state == State::Open);
    let own: Vec<_> = open.map(|hold| hold.name.clone()).collect();
    let all =
        if own.is_empty() { holds.iter().map(|hold| hold.name.clone()).collect() } else { own };
    (pay, hold.map(|hold| hold.of(all)))
}

pub(super) fn pay_with(
    input: &mut Value,
    ids: &Ids,
    pay: Option<i64>,
    hold: Option<&Pick>,
) -> Option<()> {
    if let Some(points) = pay {
        input["payWith"] = json!({ "points": points });
    }
    if let Some(hold) = hold {
        input["payWith"] = json!({ "holdId": ids.of("hld", hold.name())? });
    }
    Some(())
}

impl Purchase {
    /// Spends the points that pay for a part of it.
    pub(super) fn paid(
        &self,
        reference: &mut Reference,
        of: &str,
        at: Timestamp,
    ) -> Result<Option<Payment>, Refusal> {
        if self.pay.is_none() && self.hold.is_none() {
            return Ok(None);
        }
        reference.books.act(of, at, reference.now);
        reference.settle();
        let hold = self.held(reference, of)?;
        let points = hold.map_or(self.pay, |hold| Some(reference.books.holds[hold].points));
        let points = points.unwrap();
        if points < PAY_MIN {
            return Err("INVALID_INPUT");
        }
        let worth = worth(points);
        if worth > payable(self.total) {
            return Err("INVALID_INPUT");
        }
        let books = &mut reference.books;
        let transactions = match hold {
            None => books.spend_all(of, points, at)?,
            Some(hold) => {
                books.end_hold(hold, State::Captured, points, at);
                books.holds[hold].has_paid = true;
                let spent = books.transactions.iter().rposition(|one| one.kind == "SPEND");
                spent.into_iter().collect()
            }
        };
        Ok(Some(Payment::of(points, worth, self.total, transactions)))
    }

    /// The open hold that pays.
    fn held(&self, reference: &Reference, of: &str) -> Result<Option<usize>, Refusal> {
        let Some(hold) = &self.hold else { return Ok(None) };
        let is_it =
            |one: &Hold| one.name == hold.name() && one.owner == of && one.state == State::Open;
        let index = reference.books.holds.iter().position(is_it);
        index.map(Some).ok_or("HOLD_ENDED")
    }
}

/// What points pay of a purchase.
pub(super) fn worth(points: i64) -> i64 {
    points * PAY.1 / PAY.0
}

/// The most that they pay of it.
pub(super) fn payable(total: i64) -> i64 {
    total * PAY_PERCENT / 100
}
