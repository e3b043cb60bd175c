//! A member buys, perhaps reported late; the first purchase pays the one who brought the member.

use super::{Ask, Command, Ids, Pick, any_amount, any_member, member_ref, minutes_after};
use crate::model::MOST;
use crate::model::reference::account::Refusal;
use crate::model::reference::portions::{Line, shares};
use crate::model::reference::terms::{
    PURCHASE_MAX, REFERRED_POINTS, REFERRER_POINTS, THANKS, tier,
};
use crate::model::reference::{Answer, Order, Reference, decimal};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So many of a product, for an amount.
pub(in crate::model) type Item = (String, i64, i64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Purchase {
    pub(in crate::model) member: String,
    pub(in crate::model) reference: Pick,
    /// Without any, there is a total only.
    pub(in crate::model) items: Vec<Item>,
    pub(in crate::model) total: i64,
    /// How long ago it was, if the shop says when; below zero in the future.
    pub(in crate::model) minutes_ago: Option<i64>,
    pub(in crate::model) at: Option<Timestamp>,
}

pub(super) fn any_items() -> impl Strategy<Value = Vec<Item>> {
    let item = (0..2_u8, 1..4_i64, any_amount());
    let item = item.prop_map(|(sku, quantity, amount)| (format!("s{sku}"), quantity, amount));
    prop_oneof![2 => Just(Vec::new()), 5 => prop::collection::vec(item, 1..4)]
}

impl Command for Purchase {
    fn any() -> BoxedStrategy<Self> {
        let day = 24 * 60_i64;
        let ago = prop_oneof![
            6 => Just(None),
            1 => (0..70 * day).prop_map(Some),
            1 => prop_oneof![Just(Some(-2)), Just(Some(0))],
        ];
        let drawn = (any_member(), Pick::any(), any_items(), any_amount(), ago);
        drawn
            .prop_map(|(member, reference, items, total, minutes_ago)| Self {
                member,
                reference,
                total: match items.is_empty() {
                    true => total,
                    false => items.iter().map(|(_, _, amount)| amount).sum(),
                },
                items,
                minutes_ago,
                at: None,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.reference = self.reference.new(number);
        self.at = self.at.or(self.minutes_ago.map(|ago| minutes_after(reference.now, -ago)));
        self
    }

    fn changed(mut self) -> Self {
        match self.items.first_mut() {
            Some((_, quantity, _)) => *quantity += 1,
            None => self.total += 1,
        }
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        let arguments = json!([self.member, self.items, self.total, self.at]);
        if let Some(known) = reference.orders.get(self.reference.name()) {
            return match known.arguments == arguments {
                true => Ok(known.receipt.clone()),
                false => Err("REFERENCE_REUSED".to_owned()),
            };
        }
        reference.whole(|reference| self.record(reference, arguments))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "member": member_ref(&self.member), "reference": self.reference.name(),
            "total": decimal(self.total), "lines": lines_sent(&self.items),
        });
        if let Some(at) = self.at {
            input["purchasedAt"] = json!(at);
        }
        Some(Ask {
            field: "recordPurchase",
            input_type: "RecordPurchaseInput",
            select: "receipt { purchaseId pointsEarned referralPoints balance tier { key } }",
            input,
        })
    }

    fn names(&self) -> Option<String> {
        Some(format!("order {}", self.reference.name()))
    }
}

pub(super) fn lines_sent(items: &[Item]) -> Value {
    let sent = items.iter().map(|(sku, quantity, amount)| {
        json!({ "sku": sku, "quantity": quantity, "amount": decimal(*amount) })
    });
    sent.collect()
}

/// What so much money earns; what is too much is cut, as long as that is a number of points.
pub(super) fn earned_for(total: i64) -> Result<i64, Refusal> {
    let proposed = total / 100 + THANKS;
    let earned = proposed.min(PURCHASE_MAX);
    if proposed - earned > MOST { Err("OVERFLOW") } else { Ok(earned) }
}

impl Purchase {
    fn record(&self, reference: &mut Reference, arguments: Value) -> Result<Value, Refusal> {
        let (now, points) = (reference.now, earned_for(self.total));
        let at = self.at.unwrap_or(now);
        if at > minutes_after(now, 1) {
            return Err("FUTURE_INSTANT");
        }
        let at = at.min(now);
        let account = &mut reference.member(&self.member)?.account;
        let (points, is_first) = (points?, account.purchases == 0);
        account.purchases += 1;
        account.spent = account.spent.checked_add(self.total).ok_or("OVERFLOW")?;
        let transaction = earn(reference, &self.member, points, at)?;
        reference.member(&self.member)?.account.transactions[transaction].order =
            Some(self.reference.name().to_owned());
        let referral_points = if is_first { pay_referral(reference, &self.member, at)? } else { 0 };
        let account = &reference.member(&self.member)?.account;
        let receipt = json!({
            "pointsEarned": points, "referralPoints": referral_points,
            "balance": account.balance(),
            "tier": tier(account.earned).map(|key| json!({ "key": key })),
        });
        let order = Order {
            member: self.member.clone(),
            at,
            arguments,
            receipt: receipt.clone(),
            lines: self.lines(points),
            transaction: Some(transaction),
            left_out: 0,
            is_over: false,
            returns: BTreeMap::new(),
        };
        reference.orders.insert(self.reference.name().to_owned(), order);
        Ok(receipt)
    }

    /// The lines with their shares, by amount, or by number where nothing costs anything.
    fn lines(&self, points: i64) -> Vec<Line> {
        let mut items = self.items.clone();
        let first = i64::from(!items.is_empty());
        if items.is_empty() {
            items.push((String::new(), 1, self.total));
        }
        let measures: Vec<_> = items
            .iter()
            .map(|(_, quantity, amount)| if self.total > 0 { *amount } else { *quantity })
            .collect();
        let lines = (first..).zip(items).zip(shares(points, &measures));
        lines
            .map(|((position, (sku, quantity, amount)), points)| Line {
                position,
                sku,
                quantity,
                amount,
                points,
                returned_quantity: 0,
                returned_amount: 0,
            })
            .collect()
    }
}

/// Points of long ago may be over already; the index of the transaction.
fn earn(
    reference: &mut Reference,
    member: &str,
    points: i64,
    at: Timestamp,
) -> Result<usize, Refusal> {
    let (expires, now) = (reference.terms.expiry(at), reference.now);
    let account = &mut reference.member(member)?.account;
    let lot = account.earn(points, expires)?;
    let earned = account.post("EARN", points, at);
    (earned.made, earned.counts) = (Some(lot), true);
    let index = account.transactions.len() - 1;
    account.settle(now);
    Ok(index)
}

/// Pays both sides if somebody brought the member; the member's share.
fn pay_referral(
    reference: &mut Reference,
    member: &str,
    at: Timestamp,
) -> Result<i64, Refusal> {
    let referral = reference.member(member)?.brought_by.clone();
    let Some(referral) = referral.filter(|referral| referral.paid.is_none()) else { return Ok(0) };
    let bringers = earn(reference, &referral.referrer, REFERRER_POINTS, at)?;
    let own = earn(reference, member, REFERRED_POINTS, at)?;
    if let Some(referral) = &mut reference.member(member)?.brought_by {
        referral.paid = Some([bringers, own]);
    }
    Ok(REFERRED_POINTS)
}
