//! A wrong transaction is made good by another.

use super::{Ask, Command, Ids, Pick};
use crate::model::reference::books::{Books, Refusal, Transaction};
use crate::model::reference::Payment;
use crate::model::reference::{Answer, Reference, TRANSACTION, shown};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Void {
    pub(in crate::model) transaction: Pick,
}

/// How a transaction is named: the n-th that was written of a member.
pub(in crate::model) fn name_of(member: &str, index: usize) -> String {
    format!("transaction {member} {index}")
}

impl Command for Void {
    fn any() -> BoxedStrategy<Self> {
        Pick::any().prop_map(|transaction| Self { transaction }).boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        let all = reference.books.transactions.iter().map(|one| name_of(&one.member, one.number));
        self.transaction = self.transaction.of(all);
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| {
            let now = reference.now;
            let is_named = |one: &Transaction| {
                name_of(&one.member, one.number) == self.transaction.name()
            };
            let index = reference.books.find(is_named).ok_or("TRANSACTION_NOT_FOUND")?;
            let one = &reference.books.transactions[index];
            let came_back = one.made.is_some()
                && one.order.as_ref().is_some_and(|order| reference.orders[order].has_lost());
            let pays = |payment: &Payment| payment.transactions.contains(&index);
            let has_paid = reference.orders.values().any(|order| order.payment.as_ref().is_some_and(pays));
            let done = match one.voided {
                Some(known) if known == index => return Err("CANNOT_BE_VOIDED"),
                Some(known) => known,
                None if came_back || has_paid => return Err("CANNOT_BE_VOIDED"),
                None => make_good(&mut reference.books, index, now)?,
            };
            Ok(shown(&reference.books.transactions[done]))
        })
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "voidTransaction",
            input_type: "VoidTransactionInput",
            select: format!("transaction {{ {TRANSACTION} }}"),
            input: json!({
                "transactionId": ids.of("txn", self.transaction.name())?, "reason": "A mistake",
            }),
        })
    }
}

/// Makes a transaction good; the index of the one that does.
fn make_good(books: &mut Books, index: usize, now: Timestamp) -> Result<usize, Refusal> {
    let wrong = books.transactions[index].clone();
    let done = match (wrong.kind, wrong.made) {
        ("EARN" | "ADJUST" | "PENDING" | "OPENING", Some(lot)) => {
            // What was pending is one with what became of it, and voided as that.
            let all: Vec<_> = (0..books.transactions.len())
                .filter(|one| books.transactions[*one].made == Some(lot))
                .collect();
            if all[0] != index {
                return Err("CANNOT_BE_VOIDED");
            }
            let counted: i64 = all
                .iter()
                .map(|one| &books.transactions[*one])
                .filter(|one| one.counts)
                .map(|one| one.points)
                .sum();
            books.count(&wrong.counts_for).earned -= counted;
            let due = books.lots[lot].amount;
            if books.take_given(index, due, "VOID", now)? == 0 {
                return Err("INSUFFICIENT_POINTS");
            }
            let done = books.last();
            all.into_iter().for_each(|one| books.transactions[one].voided = Some(done));
            done
        }
        ("SPEND" | "EXPIRE" | "ADJUST", None) => {
            let mut parts = Vec::new();
            for (part, of) in wrong.used.iter().enumerate() {
                let mut back = of.points - of.back;
                if wrong.kind == "EXPIRE" {
                    let lot = &mut books.lots[of.lot];
                    back = back.min(lot.expired - lot.lost);
                    lot.expired -= back;
                }
                books.transactions[index].used[part].back += back;
                parts.push((of.lot, back));
            }
            // Whoever came first gets first.
            parts.sort_by_key(|(lot, _)| books.lots[*lot].owner.clone());
            let posted = books.give_back(&parts, "VOID", now, now)?;
            // Of several, the one of who had what is made good is answered.
            let is_own = |one: &&usize| books.transactions[**one].member == wrong.member;
            *posted.iter().find(is_own).or(posted.first()).ok_or("CANNOT_BE_VOIDED")?
        }
        _ => return Err("CANNOT_BE_VOIDED"),
    };
    books.transactions[index].voided = Some(done);
    let owners: Vec<_> = books.wallets.keys().cloned().collect();
    owners.iter().for_each(|owner| books.settle(owner, now));
    Ok(done)
}
