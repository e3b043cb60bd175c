//! Points are reserved.

use super::{Ask, Command, Ids, Pick, any_member, any_points, member_ref, minutes_after};
use crate::model::reference::books::{Hold as Held, State};
use crate::model::reference::{Answer, Reference};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const DAYS_MAX: i64 = 90;
const MINUTES_DEFAULT: i64 = 15;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Hold {
    pub(in crate::model) member: String,
    pub(in crate::model) key: Pick,
    pub(in crate::model) points: i64,
    /// For how long, if the request says so.
    pub(in crate::model) minutes: Option<i64>,
    pub(in crate::model) ends: Option<Timestamp>,
}

impl Hold {
    pub(in crate::model) fn of(member: &str, key: &str, points: i64, minutes: Option<i64>) -> Self {
        let (member, key) = (member.to_owned(), Pick::Named(key.to_owned()));
        Self { member, key, points, minutes, ends: None }
    }
}

impl Command for Hold {
    fn any() -> BoxedStrategy<Self> {
        let day = 24 * 60;
        let minutes = prop_oneof![
            2 => Just(None),
            4 => (0..50 * day).prop_map(Some),
            1 => prop_oneof![Just(0), Just(DAYS_MAX * day), Just(DAYS_MAX * day + 1)].prop_map(Some),
        ];
        (any_member(), Pick::any(), any_points(), minutes)
            .prop_map(|(member, key, points, minutes)| Self {
                member,
                key,
                points,
                minutes,
                ends: None,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.key = self.key.new(number);
        self.ends = self.ends.or(self.minutes.map(|minutes| minutes_after(reference.now, minutes)));
        self
    }

    fn changed(self) -> Self {
        Self { points: if self.points == 1 { 2 } else { 1 }, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        if self.points <= 0 {
            return Err("INVALID_INPUT".to_owned());
        }
        let (key, arguments) = (self.key.name(), json!([self.points, self.ends]));
        if let Some(again) = reference.again(&self.member, "hold", key, &arguments) {
            // Not what was answered then, but what the hold is now.
            let read = |index: Value| as_read(&reference.books.holds[index.as_u64().unwrap() as usize]);
            return again.map(read);
        }
        reference.whole(|reference| {
            let now = reference.now;
            let of = reference.root(&self.member)?;
            let ends = self.ends.unwrap_or_else(|| minutes_after(now, MINUTES_DEFAULT));
            if ends <= now || ends > minutes_after(now, DAYS_MAX * 24 * 60) {
                return Err("INVALID_INPUT");
            }
            let name = name_of(&self.member, key);
            reference.books.hold(&of, (name, key), self.points, (now, ends))?;
            let index = reference.books.holds.len() - 1;
            let answered = &mut reference.member(&self.member)?.answered;
            answered.insert(("hold", key.to_owned()), (arguments.clone(), json!(index)));
            Ok(as_read(&reference.books.holds[index]))
        })
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "member": member_ref(&self.member), "points": self.points, "reason": "Cart",
            "idempotencyKey": self.key.name(),
        });
        if let Some(at) = self.ends {
            input["expiresAt"] = json!(at);
        }
        Some(Ask {
            field: "holdPoints",
            input_type: "HoldPointsInput",
            select: "hold { id state points captured expiresAt endedAt }".to_owned(),
            input,
        })
    }

    fn names(&self) -> Option<String> {
        Some(name_of(&self.member, self.key.name()))
    }
}

pub(super) fn name_of(member: &str, key: &str) -> String {
    format!("hold {member} {key}")
}

pub(super) fn as_read(hold: &Held) -> Value {
    let state = match hold.state {
        State::Open => "OPEN",
        State::Captured => "CAPTURED",
        State::Released => "RELEASED",
        State::Expired => "EXPIRED",
    };
    json!({
        "state": state, "points": hold.points, "captured": hold.captured,
        "expiresAt": hold.ends, "endedAt": hold.ended,
    })
}
