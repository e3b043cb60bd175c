//! A member buys, perhaps reported late; the first purchase pays the one who brought the member.

use super::paying::{any_payment, pay_with, payment_of};
use super::{Ask, Command, Ids, Pick, any_amount, any_member, member_ref, minutes_after};
use crate::model::reference::books::Refusal;
use crate::model::reference::gaining::{main_points, share};
use crate::model::reference::portions::{Line, Measure};
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
    /// How many points pay for a part of it.
    #[serde(default)]
    pub(in crate::model) pay: Option<i64>,
    /// Which hold does instead.
    #[serde(default)]
    pub(in crate::model) hold: Option<Pick>,
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
        let drawn = (any_member(), Pick::any(), any_items(), any_amount(), (ago, any_payment()));
        drawn
            .prop_map(|(member, reference, items, total, (minutes_ago, (pay, hold)))| Self {
                member,
                pay,
                hold,
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
        (self.pay, self.hold) = payment_of(reference, &self.member, (self.pay, self.hold));
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
        let arguments = json!([self.items, self.total, self.at, self.pay, self.hold]);
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

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        let mut input = json!({
            "member": member_ref(&self.member), "reference": self.reference.name(),
            "total": decimal(self.total), "lines": lines_sent(&self.items),
        });
        if let Some(at) = self.at {
            input["purchasedAt"] = json!(at);
        }
        pay_with(&mut input, ids, self.pay, self.hold.as_ref())?;
        let (input_type, select) = ("RecordPurchaseInput", format!("receipt {{ {RECEIPT} }}"));
        Some(Ask { field: "recordPurchase", input_type, select, input })
    }

    fn names(&self) -> Option<String> {
        Some(format!("order {}", self.reference.name()))
    }
}

/// What of a receipt is asked for.
pub(in crate::model) const RECEIPT: &str = "purchaseId pointsEarned referralPoints balance \
     tier { key } payment { points amount { amount } } \
     accruals { balance pointsEarned pointsPending otherPoints { points } }";

pub(super) fn lines_sent(items: &[Item]) -> Value {
    let sent = items.iter().map(|(sku, quantity, amount)| {
        json!({ "sku": sku, "quantity": quantity, "amount": decimal(*amount) })
    });
    sent.collect()
}

impl Purchase {
    pub(in crate::model) fn of(member: &str, reference: &str, total: i64) -> Self {
        let (member, reference) = (member.to_owned(), Pick::Named(reference.to_owned()));
        let (items, pay, hold) = (Vec::new(), None, None);
        Self { member, reference, items, total, pay, hold, minutes_ago: None, at: None }
    }

    fn record(&self, reference: &mut Reference, arguments: Value) -> Result<Value, Refusal> {
        let now = reference.now;
        let at = self.at.unwrap_or(now);
        if at > minutes_after(now, 1) {
            return Err("FUTURE_INSTANT");
        }
        let at = at.min(now);
        let of = reference.root(&self.member)?;
        let accounts = reference.accrues(&of, at);
        for account in &accounts {
            reference.books.act(account, at, now);
        }
        let payment = self.paid(reference, &of, at)?;
        let paid = self.total - payment.as_ref().map_or(0, |payment| payment.worth);
        let earned = reference.appraise(&accounts, paid, at, |_| 0)?;
        let is_first = reference.books.counted(&of).made() == 0;
        reference.count_order(&of, &accounts, paid)?;
        let name = self.reference.name();
        let gains = reference.give_all(&earned, at, (name, 0))?;
        let referral_points = if is_first { reference.pay_referral(&of, at)? } else { 0 };
        let shown = payment.as_ref().map(|payment| {
            json!({ "points": payment.points, "amount": { "amount": decimal(payment.worth) } })
        });
        let receipt = json!({
            "pointsEarned": main_points(&gains, accounts.iter().position(|one| *one == of)),
            "referralPoints": referral_points, "balance": reference.balance(&of),
            "tier": reference.tier(&of), "payment": shown,
            "accruals": reference.accruals(&earned, &gains),
        });
        let mut lines = lines_of(&self.items, self.total);
        share(&mut lines.iter_mut().collect::<Vec<_>>(), &gains, 0);
        let order = Order {
            member: of,
            at,
            arguments,
            receipt: receipt.clone(),
            lines,
            accounts,
            gains,
            payment,
            forgiven: BTreeMap::new(),
            is_over: false,
            returns: BTreeMap::new(),
            edits: BTreeMap::new(),
            edited_at: None,
        };
        reference.orders.insert(name.to_owned(), order);
        Ok(receipt)
    }
}

/// The lines of an order. One without any has one at position 0.
pub(in crate::model) fn lines_of(items: &[Item], total: i64) -> Vec<Line> {
    if items.is_empty() {
        return vec![Line::new(0, "", Measure { quantity: 1, amount: total }, 0)];
    }
    let line = |(position, (sku, quantity, amount)): (i64, &Item)| {
        Line::new(position, sku, Measure { quantity: *quantity, amount: *amount }, 0)
    };
    (1..).zip(items).map(line).collect()
}
