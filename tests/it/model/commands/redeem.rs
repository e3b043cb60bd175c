//! A member spends points on a reward.

use super::{Ask, Command, GROUP, Ids, Pick, any_member, member_ref};
use crate::model::reference::terms::MUG;
use crate::model::reference::{Answer, Reference};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Redeem {
    pub(in crate::model) member: String,
    pub(in crate::model) key: Pick,
    pub(in crate::model) reward: String,
    /// Who spends what a household has.
    #[serde(default)]
    pub(in crate::model) by: Option<String>,
}

impl Command for Redeem {
    fn any() -> BoxedStrategy<Self> {
        let reward = prop_oneof![9 => Just("mug"), 1 => Just("yacht")];
        let by = prop::option::weighted(0.2, any_member());
        (any_member(), Pick::any(), reward, by)
            .prop_map(|(member, key, reward, by)| Self {
                // Whoever spends for another mostly does so for the household.
                member: if by.is_some() { GROUP.to_owned() } else { member },
                key,
                reward: reward.to_owned(),
                by,
            })
            .boxed()
    }

    fn settled(mut self, _: &Reference, number: usize) -> Self {
        self.key = self.key.new(number);
        self
    }

    fn changed(self) -> Self {
        Self { reward: "another".to_owned(), ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        let (key, arguments) = (self.key.name(), json!([self.reward, self.by]));
        if let Some(again) = reference.again(&self.member, "redeem", key, &arguments) {
            return again;
        }
        reference.whole(|reference| {
            let now = reference.now;
            let of = reference.root(&self.member)?;
            reference.check_spender(&of, self.by.as_deref())?;
            if self.reward != "mug" {
                return Err("REWARD_NOT_FOUND");
            }
            let books = &mut reference.books;
            // What expires first is what does after this.
            books.act(&of, now, now);
            books.spend_all(&of, MUG, now)?;
            let answer = json!({ "balance": books.balance(&of), "points": MUG });
            let member = reference.member(&self.member)?;
            member.answered.insert(("redeem", key.to_owned()), (arguments.clone(), answer.clone()));
            Ok(answer)
        })
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        let mut input = json!({
            "member": member_ref(&self.member), "rewardKey": self.reward,
            "idempotencyKey": self.key.name(),
        });
        if let Some(by) = &self.by {
            input["by"] = member_ref(by);
        }
        let select = "redemption { id balance points }".to_owned();
        Some(Ask { field: "redeemReward", input_type: "RedeemRewardInput", select, input })
    }
}
