//! Two members turn out to be one.

use super::{Ask, Command, GROUP, Ids, Pick, any_member, member_ref};
use crate::model::reference::books::Refusal;
use crate::model::reference::{Answer, Reference};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Merge {
    pub(in crate::model) from: String,
    pub(in crate::model) into: String,
    pub(in crate::model) key: Pick,
}

impl Command for Merge {
    fn any() -> BoxedStrategy<Self> {
        (any_member(), any_member(), Pick::any())
            .prop_map(|(from, into, key)| Self { from, into, key })
            .boxed()
    }

    fn settled(mut self, _: &Reference, number: usize) -> Self {
        self.key = self.key.new(number);
        self
    }

    fn changed(self) -> Self {
        Self { into: if self.into == "m0" { "m1" } else { "m0" }.to_owned(), ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| self.apply(reference))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "mergeMembers",
            input_type: "MergeMembersInput",
            select: "member { externalId }".to_owned(),
            input: json!({
                "from": member_ref(&self.from), "into": member_ref(&self.into),
                "reason": "Joined twice", "idempotencyKey": self.key.name(),
            }),
        })
    }
}

impl Merge {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let (from, into) = (reference.root(&self.from)?, reference.root(&self.into)?);
        let key = ("merge", self.key.name().to_owned());
        if let Some((known, _)) = reference.members[&self.from].answered.get(&key) {
            let is_same = *known == json!(self.into);
            return is_same.then(|| json!({ "externalId": into })).ok_or("IDEMPOTENCY_KEY_REUSED");
        }
        if from == into {
            return Err("INVALID_INPUT");
        }
        if from != self.from {
            return Err("MEMBER_MERGED");
        }
        let keys = |of: &str| {
            let held = reference.books.holds.iter().filter(|hold| hold.owner == of);
            held.map(|hold| hold.key.clone()).collect::<Vec<_>>()
        };
        if keys(&from).iter().any(|key| keys(&into).contains(key)) {
            return Err("CANNOT_BE_MERGED");
        }
        if (from == GROUP) != (into == GROUP) {
            return Err("CANNOT_BE_MERGED");
        }
        reference.books.merge(&from, &into, reference.now)?;
        reference.merge_memberships(&from, &into);
        let answered = &mut reference.members.get_mut(&self.from).unwrap().answered;
        answered.insert(key, (json!(self.into), Value::Null));
        Ok(json!({ "externalId": into }))
    }
}
