//! What a cart would earn. It changes nothing.

use super::purchase::{Item, any_items, lines_sent};
use super::{Ask, Command, Ids, any_amount, any_member, member_ref};
use crate::model::reference::{Answer, Reference, decimal};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Quote {
    member: String,
    items: Vec<Item>,
    total: i64,
}

impl Command for Quote {
    fn any() -> BoxedStrategy<Self> {
        (any_member(), any_items(), any_amount())
            .prop_map(|(member, items, total)| {
                let sum = items.iter().map(|(_, _, amount)| amount).sum();
                Self { member, total: if items.is_empty() { total } else { sum }, items }
            })
            .boxed()
    }

    fn settled(self, _: &Reference, _: usize) -> Self {
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        // What the purchase brings, of which nothing is kept.
        let purchase = super::purchase::Purchase {
            member: self.member.clone(),
            reference: super::Pick::Named("quoted".to_owned()),
            items: self.items.clone(),
            total: self.total,
            pay: None,
            minutes_ago: None,
            at: None,
        };
        let mut bought = reference.clone();
        let receipt = purchase.expect(&mut bought)?;
        let of = bought.books.root(&self.member);
        Ok(json!({ "points": receipt["pointsEarned"], "tierAfter": bought.tier(&of) }))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "quotePurchase",
            input_type: "QuotePurchaseInput",
            select: "quote { points tierAfter { key } }",
            input: json!({
                "member": member_ref(&self.member), "total": decimal(self.total),
                "lines": lines_sent(&self.items),
            }),
        })
    }
}
