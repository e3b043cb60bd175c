//! Something of a purchase comes back.

use super::{Ask, Command, Ids, Pick, minutes_after};
use crate::model::reference::books::Refusal;
use crate::model::reference::portions;
use crate::model::reference::{Answer, Order, Reference, decimal};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) enum Returned {
    Everything,
    Amount(i64),
    Lines(Vec<Part>),
}

/// A line, by its product or by its position, and what of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Part {
    pub(in crate::model) sku: Option<String>,
    pub(in crate::model) position: i64,
    pub(in crate::model) quantity: Option<i64>,
    pub(in crate::model) amount: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Return {
    pub(in crate::model) order: Pick,
    pub(in crate::model) reference: Pick,
    pub(in crate::model) what: Returned,
    /// How long ago it came back, if the shop says when.
    pub(in crate::model) minutes_ago: Option<i64>,
    pub(in crate::model) at: Option<Timestamp>,
}

fn any_part() -> impl Strategy<Value = Part> {
    let sku = prop::option::of((0..2_u8).prop_map(|sku| format!("s{sku}")));
    let quantity = prop::option::of(0..4_i64);
    let amount = prop::option::weighted(0.3, -1..1_500_i64);
    (sku, 1..4_i64, quantity, amount).prop_map(|(sku, position, quantity, amount)| Part {
        sku,
        position,
        quantity,
        amount,
    })
}

impl Command for Return {
    fn any() -> BoxedStrategy<Self> {
        let what = prop_oneof![
            2 => Just(Returned::Everything),
            2 => (0..2_500_i64).prop_map(Returned::Amount),
            6 => prop::collection::vec(any_part(), 1..3).prop_map(Returned::Lines),
        ];
        let ago = prop_oneof![4 => Just(None), 1 => (-2..20_000_i64).prop_map(Some)];
        (Pick::any(), Pick::any(), what, ago)
            .prop_map(|(order, reference, what, minutes_ago)| Self {
                order,
                reference,
                what,
                minutes_ago,
                at: None,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.order = self.order.of(reference.orders.keys().cloned());
        self.reference = self.reference.new(number);
        self.at = self.at.or(self.minutes_ago.map(|ago| minutes_after(reference.now, -ago)));
        self
    }

    fn changed(self) -> Self {
        let what = match self.what {
            Returned::Everything => Returned::Amount(1),
            _ => Returned::Everything,
        };
        Self { what, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| self.record(reference))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "purchase": { "reference": self.order.name() }, "reference": self.reference.name(),
            "what": self.what.sent(),
        });
        if let Some(at) = self.at {
            input["returnedAt"] = json!(at);
        }
        Some(Ask {
            field: "recordReturn",
            input_type: "RecordReturnInput",
            select: "receipt { returnId isWhole pointsEarned pointsTaken referralPointsTaken \
                     pointsRefunded amountPaidWithPoints { amount } balance tier { key } amount { amount } \
                     lines { position quantity pointsEarned amount { amount } } }",
            input,
        })
    }
}

impl Returned {
    fn sent(&self) -> Value {
        let part = |part: &Part| {
            let mut sent = json!({ "line": match &part.sku {
                Some(sku) => json!({ "sku": sku }),
                None => json!({ "position": part.position }),
            } });
            if let Some(quantity) = part.quantity {
                sent["quantity"] = json!(quantity);
            }
            if let Some(amount) = part.amount {
                sent["amount"] = json!(decimal(amount));
            }
            sent
        };
        match self {
            Self::Everything => json!({ "everything": true }),
            Self::Amount(amount) => json!({ "amount": decimal(*amount) }),
            Self::Lines(parts) => json!({ "lines": parts.iter().map(part).collect::<Vec<_>>() }),
        }
    }
}

impl Return {
    /// All of an order, under a reference of its own.
    pub(in crate::model) fn everything(order: &str) -> Self {
        let (order, reference) = (Pick::Named(order.to_owned()), Pick::Named("all".to_owned()));
        Self { order, reference, what: Returned::Everything, minutes_ago: None, at: None }
    }

    fn record(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let mut order =
            reference.orders.get(self.order.name()).ok_or("PURCHASE_NOT_FOUND")?.clone();
        let arguments = json!([self.what.sent(), self.at]);
        if let Some((known, receipt)) = order.returns.get(self.reference.name()) {
            return if *known == arguments { Ok(receipt.clone()) } else { Err("REFERENCE_REUSED") };
        }
        let at = self.at.unwrap_or(reference.now);
        if at > minutes_after(reference.now, 1) {
            return Err("FUTURE_INSTANT");
        }
        let at = at.min(reference.now);
        if at < order.at {
            return Err("INVALID_INPUT");
        }
        let before = order.lines.clone();
        portions::take(&mut order.lines, &self.what)?;
        let parts: Vec<_> = before
            .iter()
            .zip(&order.lines)
            .filter(|(before, line)| {
                before.left_quantity() != line.left_quantity()
                    || before.left_amount() != line.left_amount()
            })
            .collect();
        if parts.is_empty() {
            let is_left = |line: &portions::Line| line.left_quantity() > 0 || line.left_amount() > 0;
            let some = order.lines.iter().any(is_left);
            return Err(if some { "INVALID_INPUT" } else { "MORE_THAN_IS_LEFT" });
        }
        let earned: i64 =
            parts.iter().map(|(before, line)| line.points_returned() - before.points_returned()).sum();
        let amount: i64 =
            parts.iter().map(|(before, line)| before.left_amount() - line.left_amount()).sum();
        let shown_parts: Vec<_> = parts
            .iter()
            .map(|(before, line)| {
                json!({
                    "position": line.position,
                    "quantity": before.left_quantity() - line.left_quantity(),
                    "pointsEarned": line.points_returned() - before.points_returned(),
                    "amount": { "amount": decimal(before.left_amount() - line.left_amount()) },
                })
            })
            .collect();
        let is_free = order.lines.iter().all(|line| line.amount == 0);
        let is_whole = order.lines.iter().all(|line| match is_free {
            true => line.left_quantity() == 0,
            false => line.left_amount() == 0,
        });
        let ends = is_whole && !order.is_over;
        order.is_over |= is_whole;
        let of = reference.root(&order.member)?;
        let taken = match order.transaction {
            Some(transaction) => reference.take_earned(transaction, earned, at)?,
            None => 0,
        };
        let refunded = refund(reference, &order, (order.total - left(&before), amount), at)?;
        let counts = reference.books.count(&order.member);
        counts.spent -= amount - refunded.1;
        counts.purchases -= i64::from(ends);
        let is_last = ends && reference.books.counted(&of).purchases == 0;
        let mut referral_taken = 0;
        if is_last {
            let all: Vec<_> = reference.members.keys().cloned().collect();
            for name in all {
                if reference.books.is_of(&name, &of) {
                    referral_taken += reference.reverse_referral(&name, at)?;
                }
            }
        }
        let receipt = json!({
            "isWhole": is_whole, "pointsEarned": earned, "pointsTaken": taken,
            "referralPointsTaken": referral_taken, "balance": reference.balance(&of),
            "pointsRefunded": refunded.0,
            "amountPaidWithPoints": { "amount": decimal(refunded.1) },
            "tier": reference.tier(&of),
            "amount": { "amount": decimal(amount) }, "lines": shown_parts,
        });
        order.returns.insert(self.reference.name().to_owned(), (arguments, receipt.clone()));
        reference.orders.insert(self.order.name().to_owned(), order);
        Ok(receipt)
    }
}

fn left(lines: &[portions::Line]) -> i64 {
    lines.iter().map(portions::Line::left_amount).sum()
}

/// Gives back what points had paid of what came back; how many did, and what of the amount they had
/// paid.
fn refund(
    reference: &mut Reference,
    order: &Order,
    (before, amount): (i64, i64),
    at: Timestamp,
) -> Result<(i64, i64), Refusal> {
    let Some(payment) = order.payment else { return Ok((0, 0)) };
    let share = |whole: i64| {
        portions::up_to(whole, (before + amount).into(), order.total.into())
            - portions::up_to(whole, before.into(), order.total.into())
    };
    let (mut missing, worth) = (share(payment.points), share(payment.worth));
    let books = &mut reference.books;
    let mut uses: Vec<usize> = (0..books.transactions[payment.transaction].used.len()).collect();
    uses.sort_by_key(|one| {
        let lot = books.transactions[payment.transaction].used[*one].lot;
        let end = books.end_of(lot);
        (end.is_none(), end, lot)
    });
    let mut parts = Vec::new();
    for one in uses.into_iter().rev() {
        let one = &mut books.transactions[payment.transaction].used[one];
        let back = missing.min(one.points - one.back);
        one.back += back;
        missing -= back;
        parts.push((one.lot, back));
    }
    let refunded = parts.iter().map(|(_, points)| points).sum();
    books.give_back(&parts, "REFUND", at, reference.now)?;
    Ok((refunded, worth))
}
