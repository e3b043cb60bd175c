//! An operator gives points of one member to another.

use super::{Ask, Command, Ids, Pick, any_member, any_points, member_ref};
use crate::model::reference::books::Refusal;
use crate::model::reference::taking::Lasting;
use crate::model::reference::{Answer, Reference, TRANSACTION, shown};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Transfer {
    pub(in crate::model) from: String,
    pub(in crate::model) to: String,
    pub(in crate::model) key: Pick,
    pub(in crate::model) points: i64,
}

impl Command for Transfer {
    fn any() -> BoxedStrategy<Self> {
        (any_member(), any_member(), Pick::any(), any_points())
            .prop_map(|(from, to, key, points)| Self { from, to, key, points })
            .boxed()
    }

    fn settled(mut self, _: &Reference, number: usize) -> Self {
        self.key = self.key.new(number);
        self
    }

    fn changed(self) -> Self {
        Self { points: if self.points == 1 { 2 } else { 1 }, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        if self.points <= 0 {
            return Err("INVALID_INPUT".to_owned());
        }
        let (key, arguments) = (self.key.name(), json!([self.to, self.points]));
        if let Some(again) = reference.again(&self.from, "transfer", key, &arguments) {
            return again;
        }
        reference.whole(|reference| {
            let answer = self.apply(reference)?;
            let answered = &mut reference.member(&self.from)?.answered;
            answered.insert(("transfer", key.to_owned()), (arguments.clone(), answer.clone()));
            Ok(answer)
        })
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "transferPoints",
            input_type: "TransferPointsInput",
            select: format!("received {{ {TRANSACTION} }}"),
            input: json!({
                "from": member_ref(&self.from), "to": member_ref(&self.to),
                "points": self.points, "reason": "A present", "idempotencyKey": self.key.name(),
            }),
        })
    }
}

impl Transfer {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let (from, to) = (reference.root(&self.from)?, reference.root(&self.to)?);
        if from == to {
            return Err("INVALID_INPUT");
        }
        let books = &mut reference.books;
        let used = books.spend(&from, self.points)?;
        // One lot for each instant at which some expire; what slides slides on.
        let mut portions: Vec<(Lasting, i64)> = Vec::new();
        for part in &used {
            let lasting = match books.lots[part.lot].slides {
                true => Lasting::Sliding,
                false => Lasting::Until(books.lots[part.lot].expires),
            };
            match portions.iter_mut().find(|(known, _)| *known == lasting) {
                Some((_, points)) => *points += part.points,
                None => portions.push((lasting, part.points)),
            }
        }
        books.post(&from, "TRANSFER", -self.points, now).used = used;
        for (lasting, points) in portions {
            if lasting == Lasting::Sliding {
                let lasts = books.wallet(&from).lasts.unwrap();
                books.move_on(&to, lasts);
            }
            books.add_lot(&to, points, lasting);
        }
        books.fits(&to)?;
        books.pay(&to);
        Ok(shown(books.post(&to, "TRANSFER", self.points, now)))
    }
}
