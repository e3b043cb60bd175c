//! An operator gives points, or takes some.

use super::{Ask, Command, Ids, Pick, any_member, any_points, member_ref, minutes_after};
use crate::model::reference::books::Refusal;
use crate::model::reference::taking::Lasting;
use crate::model::reference::{Answer, Reference, shown};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Adjust {
    pub(in crate::model) member: String,
    pub(in crate::model) key: Pick,
    pub(in crate::model) points: i64,
    pub(in crate::model) counts: bool,
    /// In how many minutes what is given expires, if the request says so.
    pub(in crate::model) minutes: Option<i64>,
    pub(in crate::model) expires: Option<Timestamp>,
}

impl Adjust {
    pub(in crate::model) fn of(member: &str, key: &str, points: i64) -> Self {
        let (member, key) = (member.to_owned(), Pick::Named(key.to_owned()));
        Self { member, key, points, counts: false, minutes: None, expires: None }
    }

    /// Whether it says something that can be meant.
    pub(in crate::model) fn is_sound(&self) -> bool {
        self.points > 0 || self.points < 0 && !self.counts && self.expires.is_none()
    }
}

impl Command for Adjust {
    fn any() -> BoxedStrategy<Self> {
        let points = prop_oneof![any_points(), any_points().prop_map(|points| -points)];
        let minutes = prop_oneof![4 => Just(None), 1 => (-5..40_000_i64).prop_map(Some)];
        (any_member(), Pick::any(), points, prop::bool::weighted(0.2), minutes)
            .prop_map(|(member, key, points, counts, minutes)| Self {
                member,
                key,
                points,
                counts,
                minutes,
                expires: None,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.key = self.key.new(number);
        self.expires =
            self.expires.or(self.minutes.map(|minutes| minutes_after(reference.now, minutes)));
        self
    }

    fn changed(self) -> Self {
        Self { points: if self.points == 1 { 2 } else { 1 }, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        if !self.is_sound() {
            return Err("INVALID_INPUT".to_owned());
        }
        let arguments = json!([self.points, self.counts, self.expires]);
        let key = self.key.name();
        if let Some(again) = reference.again(&self.member, "adjust", key, &arguments) {
            return again;
        }
        reference.whole(|reference| {
            let answer = self.apply(reference)?;
            let member = reference.member(&self.member)?;
            member
                .answered
                .insert(("adjust", key.to_owned()), (arguments.clone(), answer.clone()));
            Ok(answer)
        })
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "member": member_ref(&self.member), "points": self.points, "reason": "Grievance",
            "countsAsEarned": self.counts, "idempotencyKey": self.key.name(),
        });
        if let Some(at) = self.expires {
            input["expiresAt"] = json!(at);
        }
        Some(Ask {
            field: "adjustPoints",
            input_type: "AdjustPointsInput",
            select: "transaction { id kind points effectiveAt balanceAfter }",
            input,
        })
    }
}

impl Adjust {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let of = reference.root(&self.member)?;
        if self.expires.is_some_and(|at| at <= now) {
            return Err("INVALID_INPUT");
        }
        let lasting = match self.expires {
            Some(at) => Lasting::Until(Some(at)),
            None => reference.terms.lasting(now),
        };
        let books = &mut reference.books;
        let (mut made, mut used) = (None, Vec::new());
        if self.points < 0 {
            used = books.spend(&of, -self.points)?;
        } else {
            if lasting == Lasting::Sliding && !books.lasts(&of, now) {
                books.promise(&of, now);
            }
            if self.counts {
                books.count_earned(&of, self.points)?;
            }
            made = Some(books.credit(&of, self.points, lasting)?);
        }
        let adjusted = books.post(&of, "ADJUST", self.points, now);
        (adjusted.made, adjusted.used, adjusted.counts) = (made, used, self.counts);
        Ok(shown(adjusted))
    }
}
