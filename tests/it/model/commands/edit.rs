//! An order is changed after it was placed, or it is asked what that would do.

use super::purchase::{Item, any_items, lines_sent};
use super::{Ask, Command, Ids, Pick, minutes_after};
use crate::model::reference::books::Refusal;
use crate::model::reference::editing::{Edited, edit_lines};
use crate::model::reference::portions::Line;
use crate::model::reference::{Answer, Order, Reference, decimal};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) enum Change {
    Keep,
    Drop,
    /// So many items more or fewer, at so much.
    Items(i64, i64),
    /// It costs so much more or less.
    Price(i64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Edit {
    pub(in crate::model) order: Pick,
    pub(in crate::model) reference: Pick,
    /// What becomes of the lines, in turn, and what comes to them.
    pub(in crate::model) changes: Vec<Change>,
    pub(in crate::model) new: Vec<Item>,
    /// The order as it is to be.
    pub(in crate::model) items: Option<Vec<Item>>,
    pub(in crate::model) total: i64,
    pub(in crate::model) minutes_ago: Option<i64>,
    pub(in crate::model) at: Option<Timestamp>,
    pub(in crate::model) is_quote: bool,
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => Just(Change::Keep),
        1 => Just(Change::Drop),
        3 => (-2..3_i64, 0..900_i64).prop_map(|(items, price)| Change::Items(items, price)),
        2 => (-900..900_i64).prop_map(Change::Price),
    ]
}

impl Command for Edit {
    fn any() -> BoxedStrategy<Self> {
        let changes = prop::collection::vec(any_change(), 1..4);
        let new = prop_oneof![2 => Just(Vec::new()), 1 => any_items()];
        let ago = prop_oneof![4 => Just(None), 1 => (-2..20_000_i64).prop_map(Some)];
        let drawn = (Pick::any(), Pick::any(), changes, new, (ago, prop::bool::weighted(0.2)));
        drawn
            .prop_map(|(order, reference, changes, new, (minutes_ago, is_quote))| Self {
                order,
                reference,
                changes,
                new,
                items: None,
                total: 0,
                minutes_ago: minutes_ago.filter(|_| !is_quote),
                at: None,
                is_quote,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.order = self.order.of(reference.orders.keys().cloned());
        self.reference = self.reference.new(number);
        self.at = self.at.or(self.minutes_ago.map(|ago| minutes_after(reference.now, -ago)));
        if self.items.is_none() {
            let lines = reference.orders.get(self.order.name()).map(|order| &order.lines[..]);
            let (items, total) = self.order_now(lines.unwrap_or_default());
            (self.items, self.total) = (Some(items), total);
        }
        self
    }

    fn changed(mut self) -> Self {
        match self.items.as_mut().and_then(|items| items.first_mut()) {
            Some((_, quantity, _)) => *quantity += 1,
            None => self.total += 1,
        }
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        match self.is_quote {
            true => reference.clone().whole(|reference| self.apply(reference)),
            false => reference.whole(|reference| self.apply(reference)),
        }
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "purchase": { "reference": self.order.name() }, "total": decimal(self.total),
            "lines": lines_sent(self.items()),
        });
        let fields = "pointsEarned pointsRemoved pointsTaken pointsRefunded \
             amountPaidWithPoints { amount } referralPoints referralPointsTaken balance \
             tier { key } isWhole total { amount } totalBefore { amount } \
             added { position quantity amount { amount } pointsEarned } \
             removed { position quantity amount { amount } pointsEarned }";
        if self.is_quote {
            let select = format!("quote {{ {fields} }}");
            return Some(Ask { field: "quoteEdit", input_type: "QuoteEditInput", select, input });
        }
        input["reference"] = json!(self.reference.name());
        if let Some(at) = self.at {
            input["editedAt"] = json!(at);
        }
        let select = format!("receipt {{ editId {fields} }}");
        Some(Ask { field: "editPurchase", input_type: "EditPurchaseInput", select, input })
    }
}

impl Edit {
    fn items(&self) -> &[Item] {
        self.items.as_deref().expect("a command is settled before it is carried out")
    }

    /// The order as it is to be, of lines as they are.
    fn order_now(&self, lines: &[Line]) -> (Vec<Item>, i64) {
        let changes = self.changes.iter().cycle();
        if let [Line { position: 0, .. }] = lines {
            let amount = lines[0].ordered().amount;
            let total = match self.changes[0] {
                Change::Keep => amount,
                Change::Drop => 0,
                Change::Items(_, price) | Change::Price(price) => (amount + price).max(0),
            };
            return (Vec::new(), total);
        }
        let there = lines.iter().filter(|line| !line.ordered().is_none());
        let mut items: Vec<Item> = Vec::new();
        for (line, change) in there.zip(changes) {
            let mut of = line.ordered();
            match *change {
                Change::Keep => {}
                Change::Drop => continue,
                // More cost more, fewer less.
                Change::Items(items, price) => {
                    of.quantity += items;
                    of.amount = (of.amount + items.signum() * price).max(0);
                }
                Change::Price(price) => of.amount = (of.amount + price).max(0),
            }
            if of.quantity > 0 {
                items.push((line.sku.clone(), of.quantity, of.amount));
            }
        }
        items.extend(self.new.iter().cloned());
        let total = items.iter().map(|(_, _, amount)| amount).sum();
        (items, total)
    }

    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let known = reference.orders.get(self.order.name()).ok_or("PURCHASE_NOT_FOUND")?;
        let mut order = known.clone();
        let arguments = json!([self.items, self.total, self.at]);
        let known = order.edits.get(self.reference.name()).filter(|_| !self.is_quote);
        if let Some((known, receipt)) = known {
            return if *known == arguments { Ok(receipt.clone()) } else { Err("REFERENCE_REUSED") };
        }
        let at = self.at.unwrap_or(now);
        if at > minutes_after(now, 1) {
            return Err("FUTURE_INSTANT");
        }
        let at = at.min(now);
        if at < order.edited_at.unwrap_or(order.at) {
            return Err("INVALID_INPUT");
        }
        let before = order.lines.clone();
        let changed = edit_lines(&mut order.lines, self.items(), self.total)?;
        let name = self.order.name();
        let edited = reference.book_edit(name, &mut order, (&before, &changed), at)?;
        let receipt = receipt(reference, &order, &before, &edited);
        order.edited_at = Some(at);
        order.edits.insert(self.reference.name().to_owned(), (arguments, receipt.clone()));
        reference.orders.insert(name.to_owned(), order);
        Ok(receipt)
    }
}

fn receipt(
    reference: &Reference,
    order: &Order,
    before: &[Line],
    edited: &Edited,
) -> Value {
    let of = reference.books.root(&order.member);
    let total = |lines: &[Line]| -> i64 { lines.iter().map(|line| line.ordered().amount).sum() };
    let part = |position: i64, quantity: i64, amount: i64, points: i64| {
        json!({
            "position": position, "quantity": quantity, "amount": { "amount": decimal(amount) },
            "pointsEarned": points,
        })
    };
    let added = edited.added.iter().map(|(position, of, points)| {
        part(*position, of.quantity, of.amount, *points)
    });
    let removed = order.lines.iter().zip(before).map(|(line, before)| {
        let (now, then) = (line.removed, before.removed);
        let gains = order.gains.iter().enumerate();
        let gains = gains.filter(|(_, gain)| !gain.is_bonus && Some(gain.account) == order.own());
        let points: i64 =
            gains.map(|(gain, _)| line.points_gone(gain) - before.points_gone(gain)).sum();
        (line.position, now.quantity - then.quantity, now.amount - then.amount, points)
    });
    let removed = removed.filter(|(_, quantity, amount, _)| (*quantity, *amount) != (0, 0));
    let removed: Vec<_> = removed
        .map(|(position, quantity, amount, points)| part(position, quantity, amount, points))
        .collect();
    json!({
        "pointsEarned": edited.earned, "pointsRemoved": edited.removed.0,
        "pointsTaken": edited.removed.1, "pointsRefunded": edited.refunded.0,
        "amountPaidWithPoints": { "amount": decimal(edited.refunded.1) },
        "referralPoints": edited.referral, "referralPointsTaken": edited.referral_taken,
        "balance": reference.balance(&of), "tier": reference.tier(&of),
        "isWhole": order.is_whole(), "total": { "amount": decimal(total(&order.lines)) },
        "totalBefore": { "amount": decimal(total(before)) },
        "added": added.collect::<Vec<_>>(),
        "removed": removed,
    })
}
