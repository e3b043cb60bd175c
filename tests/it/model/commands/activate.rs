//! Somebody is not to wait for pending points.

use super::void::name_of;
use super::{Ask, Command, Ids, Pick};
use crate::model::reference::books::{Refusal, Transaction};
use crate::model::reference::{Answer, Reference};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Activate {
    pub(in crate::model) transaction: Pick,
}

impl Command for Activate {
    fn any() -> BoxedStrategy<Self> {
        Pick::any().prop_map(|transaction| Self { transaction }).boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        let pending = reference.books.transactions.iter().filter(|one| one.kind == "PENDING");
        let names = pending.map(|one| name_of(&one.member, one.number));
        self.transaction = self.transaction.of(names);
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| self.apply(reference))
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "activatePoints",
            input_type: "ActivatePointsInput",
            select: "activation { scheduled { points availableAt } }".to_owned(),
            input: json!({ "transactionId": ids.of("txn", self.transaction.name())? }),
        })
    }
}

impl Activate {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let books = &mut reference.books;
        let is_named =
            |one: &Transaction| name_of(&one.member, one.number) == self.transaction.name();
        let index = books.find(is_named).ok_or("TRANSACTION_NOT_FOUND")?;
        let lot = books.transactions[index].made.unwrap();
        if books.lots[lot].waits.is_some() {
            if books.lots[lot].remaining == 0 {
                return Err("PENDING_ENDED");
            }
            books.activate(lot, now, now);
            let owner = books.lots[lot].owner.clone();
            books.settle(&owner, now);
        }
        Ok(json!({ "scheduled": [] }))
    }
}
