//! An operator lets points last longer, or expire now.

use super::void::name_of;
use super::{Ask, Command, Ids, Pick, any_member, member_ref, minutes_after};
use crate::model::reference::books::{Refusal, Transaction, Use};
use crate::model::reference::{Answer, Reference, TRANSACTION, shown};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) enum Which {
    All,
    /// In so many minutes.
    Before(i64, Option<Timestamp>),
    EarnedBy(Pick),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) enum Deed {
    Expire,
    /// For ever, or for so many minutes.
    Extend(Option<i64>, Option<Timestamp>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Relast {
    pub(in crate::model) member: String,
    pub(in crate::model) key: Pick,
    pub(in crate::model) which: Which,
    pub(in crate::model) deed: Deed,
}

impl Command for Relast {
    fn any() -> BoxedStrategy<Self> {
        let minutes = || -5..60 * 24 * 60_i64;
        let which = prop_oneof![
            1 => Just(Which::All),
            2 => minutes().prop_map(|minutes| Which::Before(minutes, None)),
            2 => Pick::any().prop_map(Which::EarnedBy),
        ];
        let deed = prop_oneof![
            2 => Just(Deed::Expire),
            2 => minutes().prop_map(|minutes| Deed::Extend(Some(minutes), None)),
            1 => Just(Deed::Extend(None, None)),
        ];
        (any_member(), Pick::any(), which, deed)
            .prop_map(|(member, key, which, deed)| Self { member, key, which, deed })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.key = self.key.new(number);
        let of = reference.books.root(&self.member);
        self.which = match self.which {
            Which::Before(minutes, at) => {
                Which::Before(minutes, at.or(Some(minutes_after(reference.now, minutes))))
            }
            Which::EarnedBy(one) => {
                let is_its = |one: &&Transaction| {
                    one.made.is_some_and(|lot| reference.books.lots[lot].owner == of)
                };
                let all = reference.books.transactions.iter().filter(is_its);
                Which::EarnedBy(one.of(all.map(|one| name_of(&one.member, one.number))))
            }
            Which::All => Which::All,
        };
        if let Deed::Extend(Some(minutes), None) = self.deed {
            let until = minutes_after(reference.now, minutes);
            self.deed = Deed::Extend(Some(minutes), Some(until));
        }
        self
    }

    fn changed(self) -> Self {
        Self { which: if self.which == Which::All { Which::Before(1, Some(Timestamp::MAX)) } else { Which::All }, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        let (key, arguments) = (self.key.name(), json!([self.which, self.deed]));
        if let Some(again) = reference.again(&self.member, "relast", key, &arguments) {
            return again;
        }
        reference.whole(|reference| {
            let answer = self.apply(reference)?;
            let answered = &mut reference.member(&self.member)?.answered;
            answered.insert(("relast", key.to_owned()), (arguments.clone(), answer.clone()));
            Ok(answer)
        })
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        let which = match &self.which {
            Which::All => json!({ "all": true }),
            Which::Before(_, at) => json!({ "expiringBefore": at }),
            Which::EarnedBy(one) => json!({ "earnedBy": [ids.of("txn", one.name())?] }),
        };
        let mut input = json!({
            "member": member_ref(&self.member), "which": which, "reason": "Promised",
            "idempotencyKey": self.key.name(),
        });
        let (field, input_type) = match self.deed {
            Deed::Expire => ("expirePoints", "ExpirePointsInput"),
            Deed::Extend(_, until) => {
                if let Some(until) = until {
                    input["until"] = json!(until);
                }
                ("extendPoints", "ExtendPointsInput")
            }
        };
        let select = format!("transaction {{ {TRANSACTION} }}");
        Some(Ask { field, input_type, select, input })
    }
}

impl Relast {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let of = reference.root(&self.member)?;
        let until = match self.deed {
            Deed::Expire => None,
            Deed::Extend(_, until) => until,
        };
        if until.is_some_and(|until| until <= now) {
            return Err("INVALID_INPUT");
        }
        let books = &mut reference.books;
        let earned_by = match &self.which {
            Which::EarnedBy(one) => {
                let is_named = |it: &Transaction| name_of(&it.member, it.number) == one.name();
                let index = books.find(is_named).ok_or("TRANSACTION_NOT_FOUND")?;
                books.transactions[index].made
            }
            _ => None,
        };
        let is_meant = |lot: usize| {
            let is_open = books.lots[lot].remaining > 0 && books.lots[lot].waits.is_none();
            let end = books.end_of(lot);
            is_open
                && match &self.which {
                    Which::All => true,
                    Which::Before(_, before) => end.is_some_and(|end| end < before.unwrap()),
                    Which::EarnedBy(_) => earned_by == Some(lot),
                }
        };
        let lasts_less = |lot: usize| match (books.end_of(lot), until) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(end), Some(until)) => end < until,
        };
        let lots = books.lots_of(&of).filter(|lot| is_meant(*lot));
        let lots: Vec<_> = match self.deed {
            Deed::Expire => lots.collect(),
            Deed::Extend(..) => lots.filter(|lot| lasts_less(*lot)).collect(),
        };
        let points: i64 = lots.iter().map(|lot| books.lots[*lot].remaining).sum();
        if points == 0 {
            return Err("INSUFFICIENT_POINTS");
        }
        if self.deed != Deed::Expire {
            for lot in lots {
                let lot = &mut books.lots[lot];
                (lot.slides, lot.expires, lot.ended) = (false, until, None);
                lot.graced = false;
            }
            let extended = books.post(&of, "EXTEND", points, now);
            extended.is_aside = true;
            return Ok(shown(extended));
        }
        let mut used = Vec::new();
        for index in lots {
            let lot = &mut books.lots[index];
            used.push(Use { lot: index, points: lot.remaining, back: 0 });
            lot.expired += lot.remaining;
            lot.remaining = 0;
        }
        let expired = books.post(&of, "EXPIRE", -points, now);
        expired.used = used;
        Ok(shown(expired))
    }
}
