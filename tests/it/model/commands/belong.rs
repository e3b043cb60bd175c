//! Somebody joins the household, is there on other terms, or leaves it.

use super::{Ask, Command, GROUP, Ids, member_ref, minutes_after};
use crate::model::reference::books::Refusal;
use crate::model::reference::memberships::{Accrual, Membership};
use crate::model::reference::{Answer, Reference};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) enum How {
    /// How many minutes ago, if the request says since when.
    Join(Option<i64>, Option<Timestamp>),
    Change,
    Leave,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Belong {
    pub(in crate::model) person: String,
    pub(in crate::model) how: How,
    pub(in crate::model) accrual: Accrual,
    pub(in crate::model) may_spend: bool,
}

impl Command for Belong {
    fn any() -> BoxedStrategy<Self> {
        let accrual =
            prop_oneof![1 => Just(Accrual::Member), 2 => Just(Accrual::Group), 3 => Just(Accrual::Both)];
        let ago = prop_oneof![2 => Just(None), 1 => (-2..40_000_i64).prop_map(Some)];
        let how = prop_oneof![
            4 => ago.prop_map(|ago| How::Join(ago, None)),
            1 => Just(How::Change),
            1 => Just(How::Leave),
        ];
        let person = prop_oneof![8 => Just("m0"), 5 => Just("m1"), 1 => Just("m2")];
        (person, how, accrual, prop::bool::weighted(0.6))
            .prop_map(|(person, how, accrual, may_spend)| Self {
                person: person.to_owned(),
                how,
                accrual,
                may_spend,
            })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        if let How::Join(Some(ago), None) = self.how {
            let person = reference.books.root(&self.person);
            // Nobody belongs to one group twice at the same time.
            let own = reference.memberships.iter().filter(|one| one.person == person);
            let ended = own.filter_map(|one| one.left).max();
            let at = minutes_after(reference.now, -ago);
            self.how = How::Join(Some(ago), Some(ended.map_or(at, |ended| at.max(ended))));
        }
        self
    }

    fn changed(self) -> Self {
        Self { may_spend: !self.may_spend, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| self.apply(reference))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({ "group": member_ref(GROUP), "person": member_ref(&self.person) });
        if self.how != How::Leave {
            input["accrual"] = json!(self.accrual.name());
            input["maySpend"] = json!(self.may_spend);
        }
        let (field, input_type) = match self.how {
            How::Join(_, since) => {
                if let Some(since) = since {
                    input["joinedAt"] = json!(since);
                }
                ("joinGroup", "JoinGroupInput")
            }
            How::Change => ("changeMembership", "ChangeMembershipInput"),
            How::Leave => ("leaveGroup", "LeaveGroupInput"),
        };
        let select = "membership { accrual maySpend joinedAt leftAt }".to_owned();
        Some(Ask { field, input_type, select, input })
    }
}

impl Belong {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let (person, group) = (reference.root(&self.person)?, reference.root(GROUP)?);
        if person == group {
            return Err("INVALID_INPUT");
        }
        let (now, own) = (reference.now, reference.membership(&person, &group));
        match self.how {
            How::Join(_, asked) => {
                let since = asked.unwrap_or(now);
                if since > minutes_after(now, 1) {
                    return Err("FUTURE_INSTANT");
                }
                if let Some(index) = own {
                    let one = &mut reference.memberships[index];
                    let is_same = (one.accrual, one.may_spend) == (self.accrual, self.may_spend);
                    let since = asked.map_or(one.joined, |asked| asked.min(now));
                    // It can be put earlier, not later.
                    if !is_same || since > one.joined {
                        return Err("MEMBERSHIP_EXISTS");
                    }
                    one.joined = since;
                    return Ok(one.shown());
                }
                reference.memberships.push(Membership {
                    group,
                    person,
                    accrual: self.accrual,
                    may_spend: self.may_spend,
                    joined: since.min(now),
                    left: None,
                    before: Vec::new(),
                });
                Ok(reference.memberships.last().unwrap().shown())
            }
            How::Change => {
                let index = own.ok_or("MEMBERSHIP_NOT_FOUND")?;
                let one = &mut reference.memberships[index];
                (one.accrual, one.may_spend) = (self.accrual, self.may_spend);
                Ok(one.shown())
            }
            How::Leave => {
                if let Some(index) = own {
                    reference.memberships[index].left = Some(now);
                    return Ok(reference.memberships[index].shown());
                }
                let is_its = |one: &&Membership| one.person == person && one.group == group;
                let ended = reference.memberships.iter().filter(is_its).max_by_key(|one| one.left);
                ended.map(Membership::shown).ok_or("MEMBERSHIP_NOT_FOUND")
            }
        }
    }
}
