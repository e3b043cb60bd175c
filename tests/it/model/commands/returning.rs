//! Something of a purchase comes back.

use super::{Ask, Command, Ids, Pick, minutes_after};
use crate::model::reference::account::Refusal;
use crate::model::reference::portions;
use crate::model::reference::terms::tier;
use crate::model::reference::{Answer, Reference, decimal};
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
                     balance tier { key } amount { amount } \
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
        let taken = match order.transaction {
            Some(transaction) => {
                let left_out = &mut order.left_out;
                take_earned(reference, &order.member, transaction, earned, left_out, at)?
            }
            None => 0,
        };
        let account = &mut reference.member(&order.member)?.account;
        account.spent -= amount;
        account.purchases -= i64::from(ends);
        let is_last = ends && account.purchases == 0;
        let referral_taken =
            if is_last { reverse_referral(reference, &order.member, at)? } else { 0 };
        let account = &reference.member(&order.member)?.account;
        let receipt = json!({
            "isWhole": is_whole, "pointsEarned": earned, "pointsTaken": taken,
            "referralPointsTaken": referral_taken, "balance": account.balance(),
            "tier": tier(account.earned).map(|key| json!({ "key": key })),
            "amount": { "amount": decimal(amount) }, "lines": shown_parts,
        });
        order.returns.insert(self.reference.name().to_owned(), (arguments, receipt.clone()));
        reference.orders.insert(self.order.name().to_owned(), order);
        Ok(receipt)
    }
}

/// Takes back what was earned by a transaction, unless that was made good already: out of its lot
/// first. What has expired of it is left out, once.
fn take_earned(
    reference: &mut Reference,
    member: &str,
    transaction: usize,
    points: i64,
    left_out: &mut i64,
    at: Timestamp,
) -> Result<i64, Refusal> {
    let terms = reference.terms.clone();
    let account = &mut reference.member(member)?.account;
    let earned = account.transactions[transaction].clone();
    let Some(lot) = earned.made.filter(|_| earned.voided.is_none()) else { return Ok(0) };
    let in_lot = points.min(account.lots[lot].remaining);
    let expired = (account.lots[lot].expired - *left_out).max(0);
    let leave = (points - in_lot).min(expired);
    *left_out += leave;
    let taken = account.take_back(points - leave, lot, &terms)?;
    account.earned -= points;
    if taken.points > 0 {
        account.post("RETURN", -taken.points, at).used = taken.used;
    }
    Ok(taken.points)
}

/// Takes back what a referral paid both, unless one of them was made good already; what was taken
/// from the member who was brought. The next purchase completes it again.
fn reverse_referral(
    reference: &mut Reference,
    member: &str,
    at: Timestamp,
) -> Result<i64, Refusal> {
    let Some(referral) = reference.member(member)?.brought_by.clone() else { return Ok(0) };
    let Some([bringers, own]) = referral.paid else { return Ok(0) };
    let sides = [(referral.referrer.as_str(), bringers), (member, own)];
    let is_voided = |(name, index): &(&str, usize)| {
        reference.members[*name].account.transactions[*index].voided.is_some()
    };
    if sides.iter().any(is_voided) {
        return Ok(0);
    }
    let mut taken = 0;
    for (name, index) in sides {
        let points = reference.members[name].account.transactions[index].points;
        taken = take_earned(reference, name, index, points, &mut 0, at)?;
        let account = &mut reference.member(name)?.account;
        let last = account.transactions.len() - 1;
        // What could not be taken is made good by nothing.
        account.transactions[index].voided = Some(if taken > 0 { last } else { index });
    }
    if let Some(referral) = &mut reference.member(member)?.brought_by {
        referral.paid = None;
    }
    Ok(taken)
}
