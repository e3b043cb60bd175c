//! Points that a member had in another system are taken over.

use super::{Ask, Command, Ids, Pick, any_member, any_points, minutes_after};
use crate::model::reference::books::Refusal;
use crate::model::reference::taking::Lasting;
use crate::model::reference::{Answer, Reference};
use jiff::Timestamp;
use perennial_core::ledger::NewOpening;
use perennial_core::members::MemberRef;
use perennial_core::Points;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What no document of the API asks for: an import does.
pub(in crate::model) const OPENING: &str = "opening";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Open {
    pub(in crate::model) member: String,
    pub(in crate::model) reference: Pick,
    pub(in crate::model) points: i64,
    pub(in crate::model) counts: bool,
    /// How long ago they were earned, and how long they were to last, if they say so.
    pub(in crate::model) minutes_ago: i64,
    pub(in crate::model) minutes: Option<i64>,
    pub(in crate::model) earned: Option<Timestamp>,
}

impl Command for Open {
    fn any() -> BoxedStrategy<Self> {
        let day = 24 * 60_i64;
        let ago = prop_oneof![2 => 0..50 * day, 1 => Just(0), 1 => Just(-2_i64)];
        let minutes = prop::option::of(-1..80 * day);
        (any_member(), Pick::any(), any_points(), any::<bool>(), (ago, minutes))
            .prop_map(|(member, reference, points, counts, (minutes_ago, minutes))| Self {
                member,
                reference,
                points,
                counts,
                minutes_ago,
                minutes,
                earned: None,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.reference = self.reference.new(number);
        self.earned = self.earned.or(Some(minutes_after(reference.now, -self.minutes_ago)));
        self
    }

    fn changed(self) -> Self {
        Self { points: if self.points == 1 { 2 } else { 1 }, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        if self.points <= 0 || self.expires().is_some_and(|at| at <= self.earned()) {
            return Err("INVALID_INPUT".to_owned());
        }
        reference.whole(|reference| self.apply(reference))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let (input_type, select) = ("", String::new());
        Some(Ask { field: OPENING, input_type, select, input: Value::Null })
    }
}

impl Open {
    fn earned(&self) -> Timestamp {
        self.earned.expect("a command is settled before it is carried out")
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(minutes_after(self.earned(), self.minutes?))
    }

    /// As an import sends it.
    pub(in crate::model) fn sent(&self) -> NewOpening {
        let instant = |at: Timestamp| at.to_string().parse().unwrap();
        NewOpening {
            member: MemberRef::ExternalId(self.member.clone()),
            reference: self.reference.name().to_owned(),
            points: Points::new(self.points),
            point_type: None,
            earned_at: instant(self.earned()),
            expires_at: self.expires().map(instant),
            counts_as_earned: self.counts,
            reason: "From the old system".to_owned(),
        }
    }

    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let of = reference.root(&self.member)?;
        let arguments = json!([self.points, self.counts, self.earned, self.minutes]);
        if let Some((member, known)) = reference.openings.get(self.reference.name()) {
            let is_same = reference.root(member)? == of && *known == arguments;
            return is_same.then(|| json!({ "isNew": false })).ok_or("REFERENCE_REUSED");
        }
        let at = self.earned();
        if at > minutes_after(now, 1) {
            return Err("FUTURE_INSTANT");
        }
        let at = at.min(now);
        let (slides, sliding) = (reference.terms.slides, reference.terms.lasting(false, at));
        let books = &mut reference.books;
        // It was earned then, by somebody who was active.
        let until = books.act(&of, at, now);
        let lasting = match self.expires() {
            Some(at) => Lasting::Until(Some(at)),
            None if until.is_some_and(|until| until <= now) => Lasting::Until(until),
            None => sliding,
        };
        if self.counts {
            books.count_earned(&of, self.points)?;
        }
        let made = books.credit(&of, self.points, lasting)?;
        if slides && self.expires().is_none() && lasting != Lasting::Sliding {
            books.lots[made].ended = until;
        }
        let opened = books.post(&of, "OPENING", self.points, at);
        (opened.made, opened.counts) = (Some(made), self.counts);
        // What is over already expires with it, but what slides: another may keep it.
        match slides {
            true => {
                books.activate_due(&of, now);
                books.expire_but_what_slides(&of, now);
            }
            false => books.settle(&of, now),
        }
        let reference_name = self.reference.name().to_owned();
        reference.openings.insert(reference_name, (self.member.clone(), arguments));
        Ok(json!({ "isNew": true }))
    }
}
