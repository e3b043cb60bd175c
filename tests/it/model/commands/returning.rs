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
                     lines { position quantity pointsEarned amount { amount } } \
                     accruals { balance pointsEarned pointsTaken } }"
                .to_owned(),
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
        let parts = gone_since(&order, &before);
        if parts.is_empty() {
            let some = order.lines.iter().any(|line| !line.left().is_none());
            return Err(if some { "INVALID_INPUT" } else { "MORE_THAN_IS_LEFT" });
        }
        let of = reference.root(&order.member)?;
        let all_taken = reference.take_gains(&mut order, &before, at)?;
        let (earned, taken) = reference.taken_of(&all_taken, &of);
        let amount = parts.iter().map(|part| part.amount).sum();
        let refunded = reference.refund_share(&order, &before, at)?;
        for account in &order.accounts {
            reference.books.count(account).spent -= amount - refunded.1;
        }
        let is_whole = order.is_whole();
        let mut referral_taken = 0;
        if is_whole && !order.is_over {
            order.is_over = true;
            reference.uncount_order(&order.member, &order.accounts);
            referral_taken = reference.reverse_referrals(&of, at)?;
        }
        let receipt = json!({
            "isWhole": is_whole, "pointsEarned": earned, "pointsTaken": taken,
            "referralPointsTaken": referral_taken, "balance": reference.balance(&of),
            "pointsRefunded": refunded.0,
            "amountPaidWithPoints": { "amount": decimal(refunded.1) },
            "tier": reference.tier(&of),
            "amount": { "amount": decimal(amount) },
            "lines": parts.iter().map(Gone::shown).collect::<Vec<_>>(),
            "accruals": reference.accruals_taken(&all_taken),
        });
        order.returns.insert(self.reference.name().to_owned(), (arguments, receipt.clone()));
        reference.orders.insert(self.order.name().to_owned(), order);
        Ok(receipt)
    }
}

/// What of a line is gone.
pub(super) struct Gone {
    position: i64,
    quantity: i64,
    pub(super) amount: i64,
    points: i64,
}

impl Gone {
    pub(super) fn shown(&self) -> Value {
        json!({
            "position": self.position, "quantity": self.quantity, "pointsEarned": self.points,
            "amount": { "amount": decimal(self.amount) },
        })
    }
}

/// What of an order's lines is gone since they were as before.
pub(super) fn gone_since(order: &Order, before: &[portions::Line]) -> Vec<Gone> {
    let parts = order.lines.iter().zip(before).map(|(line, before)| {
        let (left, was_left) = (line.left(), before.left());
        let own = order.own();
        let points = order.gains.iter().enumerate().filter(|(_, gain)| {
            !gain.is_bonus && Some(gain.account) == own
        });
        let points = points.map(|(gain, _)| line.points_gone(gain) - before.points_gone(gain));
        Gone {
            position: line.position,
            quantity: was_left.quantity - left.quantity,
            amount: was_left.amount - left.amount,
            points: points.sum(),
        }
    });
    parts.filter(|part| (part.quantity, part.amount) != (0, 0)).collect()
}
