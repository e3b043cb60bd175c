//! A wrong transaction is made good by another.

use super::{Ask, Command, Ids, Pick};
use crate::model::reference::account::{Account, Refusal};
use crate::model::reference::terms::Terms;
use crate::model::reference::{Answer, Reference, shown};
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
        let of_member = |name: &String| {
            let count = reference.members[name].account.transactions.len();
            (0..count).map(|index| name_of(name, index)).collect::<Vec<_>>()
        };
        self.transaction = self.transaction.of(reference.members.keys().flat_map(of_member));
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| {
            let (now, terms) = (reference.now, reference.terms.clone());
            let all = reference.members.iter().flat_map(|(name, member)| {
                (0..member.account.transactions.len()).map(move |index| (name.clone(), index))
            });
            let named = |(name, index): &(String, usize)| {
                name_of(name, *index) == self.transaction.name()
            };
            let (member, index) = all.into_iter().find(named).ok_or("TRANSACTION_NOT_FOUND")?;
            let order = reference.members[&member].account.transactions[index].order.clone();
            let came_back = order.is_some_and(|order| !reference.orders[&order].returns.is_empty());
            let account = &mut reference.member(&member)?.account;
            let done = match account.transactions[index].voided {
                Some(known) if known == index => return Err("CANNOT_BE_VOIDED"),
                Some(known) => known,
                None if came_back => return Err("CANNOT_BE_VOIDED"),
                None => make_good(account, index, now, &terms)?,
            };
            Ok(shown(&account.transactions[done]))
        })
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "voidTransaction",
            input_type: "VoidTransactionInput",
            select: "transaction { id kind points effectiveAt balanceAfter }",
            input: json!({
                "transactionId": ids.of("txn", self.transaction.name())?, "reason": "A mistake",
            }),
        })
    }
}

/// Makes a transaction good; the index of the one that does.
fn make_good(
    account: &mut Account,
    index: usize,
    now: Timestamp,
    terms: &Terms,
) -> Result<usize, Refusal> {
    let wrong = account.transactions[index].clone();
    let mut used = Vec::new();
    let points = match (wrong.kind, wrong.made) {
        ("EARN" | "ADJUST", Some(lot)) => {
            // What has expired of it is nobody's.
            let due = account.lots[lot].amount - account.lots[lot].expired;
            let taken = account.take_back(due, lot, terms)?;
            if taken.points == 0 {
                return Err("INSUFFICIENT_POINTS");
            }
            if wrong.counts {
                account.earned -= wrong.points;
            }
            used = taken.used;
            -taken.points
        }
        ("SPEND" | "EXPIRE" | "ADJUST", None) => {
            if wrong.kind == "EXPIRE" {
                for (lot, points) in &wrong.used {
                    account.lots[*lot].expired -= points;
                }
            }
            account.give_back(&wrong.used, now, terms)?;
            -wrong.points
        }
        _ => return Err("CANNOT_BE_VOIDED"),
    };
    account.post("VOID", points, now).used = used;
    let done = account.transactions.len() - 1;
    account.transactions[index].voided = Some(done);
    account.settle(now);
    Ok(done)
}
