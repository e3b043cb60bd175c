//! A member joins, perhaps brought by another.

use super::{Ask, Command, GROUP, Ids, any_member};
use crate::model::reference::{Answer, Member, Reference, Referral};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Create {
    pub(in crate::model) member: String,
    pub(in crate::model) brought_by: Option<String>,
    pub(in crate::model) called: String,
}

impl Command for Create {
    fn any() -> BoxedStrategy<Self> {
        let drawn = (any_member(), prop::option::of(any_member()));
        drawn
            .prop_map(|(member, brought_by)| Self { called: member.clone(), member, brought_by })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        // Only who is there has a code.
        self.brought_by = self.brought_by.filter(|name| reference.members.contains_key(name));
        self
    }

    fn changed(self) -> Self {
        Self { called: format!("{} the Second", self.called), ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        let arguments = json!([self.called, self.brought_by]);
        if let Some(known) = reference.members.get(&self.member) {
            return match known.arguments == arguments {
                // Whoever it is now.
                true => Ok(json!({ "externalId": reference.books.root(&self.member) })),
                false => Err("EXTERNAL_ID_TAKEN".to_owned()),
            };
        }
        let brought_by = self.brought_by.clone();
        let member = Member {
            answered: std::collections::BTreeMap::new(),
            arguments,
            brought_by: brought_by.map(|referrer| Referral { referrer, paid: None }),
        };
        reference.members.insert(self.member.clone(), member);
        Ok(json!({ "externalId": self.member }))
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        let kind = if self.member == GROUP { "HOUSEHOLD" } else { "PERSON" };
        let mut input =
            json!({ "externalId": self.member, "name": self.called, "kind": kind });
        if let Some(referrer) = &self.brought_by {
            input["referralCode"] = json!(ids.0.get(&format!("code of {referrer}"))?);
        }
        Some(Ask {
            field: "createMember",
            input_type: "CreateMemberInput",
            select: "member { id externalId referralCode }".to_owned(),
            input,
        })
    }

    fn names(&self) -> Option<String> {
        Some(self.member.clone())
    }
}
