//! A member buys, perhaps reported late; the first purchase pays the one who brought the member.

use super::{Ask, Command, Ids, Pick, any_amount, any_member, member_ref, minutes_after};
use crate::model::MOST;
use crate::model::reference::books::Refusal;
use crate::model::reference::portions::{Line, shares};
use crate::model::reference::terms::{PAY, PAY_MIN, PAY_PERCENT, PURCHASE_MAX, THANKS};
use crate::model::reference::{Answer, Order, Payment, Reference, decimal};
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
    /// How many points pay for a part of it.
    #[serde(default)]
    pub(in crate::model) pay: Option<i64>,
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
        let pay = prop::option::weighted(0.3, 0..25_i64);
        let drawn = (any_member(), Pick::any(), any_items(), any_amount(), (ago, pay));
        drawn
            .prop_map(|(member, reference, items, total, (minutes_ago, pay))| Self {
                member,
                pay,
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
        self.pay = self.pay.filter(|_| reference.terms.pay);
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
        let arguments = json!([self.items, self.total, self.at, self.pay]);
        if let Some(known) = reference.orders.get(self.reference.name()) {
            // Under whichever name, as long as it is whose the purchase is.
            let is_its =
                reference.root(&self.member).is_ok_and(|of| of == reference.books.root(&known.member));
            return match is_its && known.arguments == arguments {
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
        if let Some(points) = self.pay {
            input["payWith"] = json!({ "points": points });
        }
        Some(Ask {
            field: "recordPurchase",
            input_type: "RecordPurchaseInput",
            select: "receipt { purchaseId pointsEarned referralPoints balance tier { key } \
                     payment { points amount { amount } } }",
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
        let now = reference.now;
        let at = self.at.unwrap_or(now);
        if at > minutes_after(now, 1) {
            return Err("FUTURE_INSTANT");
        }
        let at = at.min(now);
        let of = reference.root(&self.member)?;
        reference.books.act(&of, at, now);
        let payment = self.pay(reference, &of, at)?;
        let paid = self.total - payment.map_or(0, |payment| payment.worth);
        let most = earned_for(paid)?;
        let room = reference.room(&of, at);
        if room < most && reference.terms.caps.is_some_and(|caps| caps.refuses) {
            return Err("CAP_REACHED");
        }
        let points = most.min(room);
        let is_first = reference.books.counted(&of).purchases == 0;
        let counts = reference.books.count(&of);
        counts.purchases += 1;
        counts.spent = counts.spent.checked_add(paid).ok_or("OVERFLOW")?;
        let name = self.reference.name();
        let transaction = reference.earn(&of, points, at, Some(name))?;
        let referral_points = if is_first { reference.pay_referral(&of, at)? } else { 0 };
        let shown = payment.map(|payment| {
            json!({ "points": payment.points, "amount": { "amount": decimal(payment.worth) } })
        });
        let receipt = json!({
            "pointsEarned": points, "referralPoints": referral_points,
            "balance": reference.balance(&of), "tier": reference.tier(&of), "payment": shown,
        });
        let order = Order {
            member: of,
            at,
            arguments,
            receipt: receipt.clone(),
            lines: self.lines(points),
            total: self.total,
            transaction,
            payment,
            is_over: false,
            returns: BTreeMap::new(),
        };
        reference.orders.insert(name.to_owned(), order);
        Ok(receipt)
    }

    /// Spends the points that pay for a part of it.
    fn pay(
        &self,
        reference: &mut Reference,
        of: &str,
        at: Timestamp,
    ) -> Result<Option<Payment>, Refusal> {
        let Some(points) = self.pay else { return Ok(None) };
        if points < PAY_MIN {
            return Err("INVALID_INPUT");
        }
        let worth = points * PAY.1 / PAY.0;
        if worth * 100 > self.total * PAY_PERCENT {
            return Err("INVALID_INPUT");
        }
        reference.settle();
        let used = reference.books.spend(of, points)?;
        reference.books.post(of, "SPEND", -points, at).used = used;
        let transaction = reference.books.last();
        Ok(Some(Payment { points, worth, transaction }))
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
