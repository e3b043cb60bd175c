//! A member spends points on a reward.

use super::{Ask, Command, Ids, Pick, any_member, member_ref};
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
}

impl Command for Redeem {
    fn any() -> BoxedStrategy<Self> {
        let reward = prop_oneof![9 => Just("mug"), 1 => Just("yacht")];
        (any_member(), Pick::any(), reward)
            .prop_map(|(member, key, reward)| Self { member, key, reward: reward.to_owned() })
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
        let (key, arguments) = (self.key.name(), json!(self.reward));
        if let Some(again) = reference.again(&self.member, "redeem", key, &arguments) {
            return again;
        }
        reference.whole(|reference| {
            let now = reference.now;
            let of = reference.root(&self.member)?;
            if self.reward != "mug" {
                return Err("REWARD_NOT_FOUND");
            }
            let books = &mut reference.books;
            let used = books.spend(&of, MUG)?;
            books.act(&of, now, now);
            books.post(&of, "SPEND", -MUG, now).used = used;
            let answer = json!({ "balance": books.balance(&of), "points": MUG });
            let member = reference.member(&self.member)?;
            member.answered.insert(("redeem", key.to_owned()), (arguments.clone(), answer.clone()));
            Ok(answer)
        })
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "redeemReward",
            input_type: "RedeemRewardInput",
            select: "redemption { id balance points }",
            input: json!({
                "member": member_ref(&self.member), "rewardKey": self.reward,
                "idempotencyKey": self.key.name(),
            }),
        })
    }
}
