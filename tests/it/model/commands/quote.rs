//! What a cart would earn. It changes nothing.

use super::paying::{any_payment, pay_with, payable, payment_of, worth};
use super::purchase::{Item, Purchase, any_items, lines_sent};
use super::{Ask, Command, Ids, Pick, any_amount, any_member, member_ref};
use crate::model::reference::terms::{PAY, PAY_MIN};
use crate::model::reference::{Answer, Reference, decimal};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Quote {
    member: String,
    items: Vec<Item>,
    total: i64,
    #[serde(default)]
    pay: Option<i64>,
    #[serde(default)]
    hold: Option<Pick>,
}

impl Command for Quote {
    fn any() -> BoxedStrategy<Self> {
        (any_member(), any_items(), any_amount(), any_payment())
            .prop_map(|(member, items, total, (pay, hold))| {
                let sum = items.iter().map(|(_, _, amount)| amount).sum();
                Self { member, total: if items.is_empty() { total } else { sum }, items, pay, hold }
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        (self.pay, self.hold) = payment_of(reference, &self.member, (self.pay, self.hold));
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        // What the purchase brings, of which nothing is kept.
        let purchase = Purchase {
            member: self.member.clone(),
            reference: Pick::Named("quoted".to_owned()),
            items: self.items.clone(),
            total: self.total,
            pay: self.pay,
            hold: self.hold.clone(),
            minutes_ago: None,
            at: None,
        };
        let mut bought = reference.clone();
        let receipt = purchase.expect(&mut bought)?;
        let of = bought.books.root(&self.member);
        let accruals = receipt["accruals"].as_array().unwrap().iter().map(|one| {
            json!({
                "points": one["pointsEarned"], "pointsPending": one["pointsPending"],
                "otherPoints": one["otherPoints"],
            })
        });
        Ok(json!({
            "points": receipt["pointsEarned"], "tierAfter": bought.tier(&of),
            "accruals": accruals.collect::<Vec<_>>(),
            "payment": self.payment(reference, &of, &receipt["payment"]),
        }))
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        let mut input = json!({
            "member": member_ref(&self.member), "total": decimal(self.total),
            "lines": lines_sent(&self.items),
        });
        pay_with(&mut input, ids, self.pay, self.hold.as_ref())?;
        Some(Ask {
            field: "quotePurchase",
            input_type: "QuotePurchaseInput",
            select: "quote { points tierAfter { key } \
                     accruals { points pointsPending otherPoints { points } } \
                     payment { maxPoints maxAmount { amount } points amount { amount } } }"
                .to_owned(),
            input,
        })
    }
}

impl Quote {
    /// How points could pay for it, and how those do that the request names.
    fn payment(&self, reference: &Reference, of: &str, paid: &Value) -> Value {
        if !reference.terms.pay {
            return Value::Null;
        }
        let there = reference.books.spendable(of);
        // Of so many at most the last that are not worth too much.
        let most = there.min(payable(self.total) * PAY.0 / PAY.1 + PAY.0);
        let fits = |points: &i64| worth(*points) <= payable(self.total);
        let most = (PAY_MIN..=most).rev().find(fits).unwrap_or(0);
        json!({
            "maxPoints": most, "maxAmount": { "amount": decimal(worth(most)) },
            "points": paid["points"], "amount": paid["amount"],
        })
    }
}
