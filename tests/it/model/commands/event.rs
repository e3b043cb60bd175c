//! Something has happened to a purchase, for which its points may wait.

use super::{Ask, Command, Ids, Pick, minutes_after};
use crate::model::reference::books::{Refusal, Waits};
use crate::model::reference::{Answer, Reference};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Event {
    pub(in crate::model) order: Pick,
    pub(in crate::model) event: String,
    /// How long ago it happened, if the shop says when.
    pub(in crate::model) minutes_ago: Option<i64>,
    pub(in crate::model) at: Option<Timestamp>,
}

impl Command for Event {
    fn any() -> BoxedStrategy<Self> {
        let event = prop_oneof![5 => Just("delivered"), 1 => Just("lost")];
        let ago = prop_oneof![3 => Just(None), 1 => (-2..20_000_i64).prop_map(Some)];
        (Pick::any(), event, ago)
            .prop_map(|(order, event, minutes_ago)| Self {
                order,
                event: event.to_owned(),
                minutes_ago,
                at: None,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        self.order = self.order.of(reference.orders.keys().cloned());
        self.at = self.at.or(self.minutes_ago.map(|ago| minutes_after(reference.now, -ago)));
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| self.apply(reference))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "purchase": { "reference": self.order.name() }, "event": self.event,
        });
        if let Some(at) = self.at {
            input["happenedAt"] = json!(at);
        }
        Some(Ask {
            field: "recordPurchaseEvent",
            input_type: "RecordPurchaseEventInput",
            select: "activation { scheduled { points availableAt } }".to_owned(),
            input,
        })
    }
}

impl Event {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let at = self.at.unwrap_or(now);
        if at > minutes_after(now, 1) {
            return Err("FUTURE_INSTANT");
        }
        let at = at.min(now);
        let order = reference.orders.get(self.order.name()).ok_or("PURCHASE_NOT_FOUND")?;
        let order_at = order.at;
        let terms = reference.terms.pending.filter(|terms| terms.event);
        let Some(terms) = terms.filter(|_| self.event == "delivered") else {
            return Ok(json!({ "scheduled": [] }));
        };
        let made = order.gains.iter().filter_map(|gain| gain.transaction);
        let made: Vec<_> =
            made.filter_map(|index| reference.books.transactions[index].made).collect();
        let from = reference.terms.days_after(at.max(order_at), terms.days);
        let books = &mut reference.books;
        for lot in &made {
            if books.lots[*lot].waits == Some(Waits::Event) && books.lots[*lot].remaining > 0 {
                books.lots[*lot].waits = Some(Waits::Until(from));
                let owner = books.lots[*lot].owner.clone();
                books.settle(&owner, now);
            }
        }
        let left = made.iter().map(|lot| &books.lots[*lot]).filter(|lot| lot.remaining > 0);
        let scheduled = left.filter_map(|lot| match lot.waits {
            Some(Waits::Until(from)) => {
                Some(json!({ "points": lot.remaining, "availableAt": from }))
            }
            _ => None,
        });
        Ok(json!({ "scheduled": scheduled.collect::<Vec<_>>() }))
    }
}
