//! Two members who were made one turn out to be two after all.

use super::{Ask, Command, Ids, Pick, any_member, member_ref};
use crate::model::reference::books::Refusal;
use crate::model::reference::{Answer, Reference};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Unmerge {
    pub(in crate::model) member: String,
    pub(in crate::model) key: Pick,
}

impl Command for Unmerge {
    fn any() -> BoxedStrategy<Self> {
        (any_member(), Pick::any()).prop_map(|(member, key)| Self { member, key }).boxed()
    }

    fn settled(mut self, reference: &Reference, number: usize) -> Self {
        // Mostly somebody who is merged.
        if number % 4 > 0 && !reference.books.merged.contains_key(&self.member) {
            if let Some(merged) = reference.books.merged.keys().next() {
                self.member = merged.clone();
            }
        }
        self.key = self.key.new(number);
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| self.apply(reference))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "unmergeMembers",
            input_type: "UnmergeMembersInput",
            select: "member { externalId }".to_owned(),
            input: json!({
                "member": member_ref(&self.member), "reason": "Two after all",
                "idempotencyKey": self.key.name(),
            }),
        })
    }
}

impl Unmerge {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        reference.root(&self.member)?;
        let key = ("unmerge", self.key.name().to_owned());
        if reference.members[&self.member].answered.contains_key(&key) {
            return Ok(json!({ "externalId": reference.root(&self.member)? }));
        }
        reference.books.unmerge(&self.member, reference.now)?;
        reference.unmerge_memberships(&self.member);
        let answered = &mut reference.members.get_mut(&self.member).unwrap().answered;
        answered.insert(key, (Value::Null, Value::Null));
        Ok(json!({ "externalId": self.member }))
    }
}
