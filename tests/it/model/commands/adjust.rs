//! An operator gives points, or takes some.

use super::{Ask, Command, Ids, Pick, any_member, any_points, member_ref, minutes_after};
use crate::model::reference::approvals::{Approval, Decided, adjustment};
use crate::model::reference::books::{Refusal, bonus_of, is_bonus};
use crate::model::reference::taking::Lasting;
use crate::model::reference::terms::BONUS;
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
    /// Whether they are of the second type.
    #[serde(default)]
    pub(in crate::model) bonus: bool,
    /// In how many minutes what is given expires, if the request says so.
    pub(in crate::model) minutes: Option<i64>,
    pub(in crate::model) expires: Option<Timestamp>,
}

impl Adjust {
    pub(in crate::model) fn of(member: &str, key: &str, points: i64) -> Self {
        let (member, key) = (member.to_owned(), Pick::Named(key.to_owned()));
        Self { member, key, points, counts: false, bonus: false, minutes: None, expires: None }
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
        let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.4));
        (any_member(), Pick::any(), points, flags, minutes)
            .prop_map(|(member, key, points, (counts, bonus), minutes)| Self {
                member,
                key,
                points,
                counts,
                bonus,
                minutes,
                expires: None,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        self.key = self.key.new(number);
        self.bonus &= reference.terms.bonus;
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
        let arguments = json!([self.points, self.counts, self.bonus, self.expires]);
        let key = self.key.name();
        if let Some(again) = reference.again(&self.member, "adjust", key, &arguments) {
            return again.map(|kept| Self::answer(reference, kept));
        }
        reference.whole(|reference| {
            let kept = self.apply(reference)?;
            let answered = &mut reference.member(&self.member)?.answered;
            answered.insert(("adjust", key.to_owned()), (arguments.clone(), kept.clone()));
            Ok(Self::answer(reference, kept))
        })
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "member": member_ref(&self.member), "points": self.points, "reason": "Grievance",
            "countsAsEarned": self.counts, "idempotencyKey": self.key.name(),
        });
        if self.bonus {
            input["pointType"] = json!(BONUS);
        }
        if let Some(at) = self.expires {
            input["expiresAt"] = json!(at);
        }
        Some(Ask {
            field: "adjustPoints",
            input_type: "AdjustPointsInput",
            select: adjustment(),
            input,
        })
    }

    fn names(&self) -> Option<String> {
        Some(self.name())
    }
}

impl Adjust {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let now = reference.now;
        let of = reference.root(&self.member)?;
        if self.expires.is_some_and(|at| at <= now) {
            return Err("INVALID_INPUT");
        }
        if reference.terms.approve_above.is_some_and(|above| self.points.abs() > above) {
            let approval = Approval {
                name: self.name(),
                member: self.member.clone(),
                points: self.points,
                is_bonus: self.bonus,
                counts: self.counts,
                expires: self.expires,
                decide_by: reference.decide_by(self.expires),
                decided: None,
            };
            reference.approvals.push(approval);
            return Ok(json!({ "approval": reference.approvals.len() - 1 }));
        }
        let of = if self.bonus { bonus_of(&of) } else { of };
        let index = book(reference, &of, self.points, (self.counts, self.expires))?;
        Ok(shown(&reference.books.transactions[index]))
    }

    /// What is answered now: of what waited, what became of it.
    fn answer(reference: &Reference, kept: Value) -> Value {
        let Some(index) = kept["approval"].as_u64() else { return kept };
        let index = usize::try_from(index).unwrap();
        match reference.approvals[index].decided {
            Some(Decided::Approved(one)) => shown(&reference.books.transactions[one]),
            _ => reference.approval(index),
        }
    }

    fn name(&self) -> String {
        format!("approval {} {}", self.member, self.key.name())
    }
}

/// Gives points of a wallet, or takes them; the transaction's index.
pub(super) fn book(
    reference: &mut Reference,
    of: &str,
    points: i64,
    (counts, expires): (bool, Option<Timestamp>),
) -> Result<usize, Refusal> {
    let now = reference.now;
    let lasting = match expires {
        Some(at) => Lasting::Until(Some(at)),
        None => reference.terms.lasting(is_bonus(of), now),
    };
    let books = &mut reference.books;
    let (mut made, mut used) = (None, Vec::new());
    if points < 0 {
        used = books.spend(of, -points)?;
    } else {
        if lasting == Lasting::Sliding && !books.lasts(of) {
            books.promise(of, now);
        }
        if counts {
            books.count_earned(of, points)?;
        }
        made = Some(books.credit(of, points, lasting)?);
    }
    let adjusted = books.post(of, "ADJUST", points, now);
    (adjusted.made, adjusted.used, adjusted.counts) = (made, used, counts);
    Ok(books.last())
}
