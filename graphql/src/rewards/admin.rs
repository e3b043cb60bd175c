//! Rewards in the admin schema: redeeming on behalf of a member, as a till does.

use super::redemption::RedeemRewardPayload;
use crate::context::RequestContext;
use crate::members::MemberRefInput;
use crate::programs::Audience;
use async_graphql::{Context, InputObject, Object, Result};
use perennial_core::rewards::{Redeem, Redemption};
use perennial_core::{Actor, Loyalty, Result as CoreResult};

/// A reward to redeem for a member.
#[derive(Debug, InputObject)]
pub(crate) struct RedeemRewardInput {
    /// The member whose points are spent.
    member: MemberRefInput,
    /// The person who spends, if the points are a group's: one of its people who may. It is recorded
    /// with the redemption.
    by: Option<MemberRefInput>,
    /// The reward's id in the program file.
    reward_key: String,
    /// Unique for each redemption of the member, 1 to 128 printable characters. Repeating a request with the same
    /// key returns the first redemption and spends nothing; reusing the key for another reward is
    /// refused.
    idempotency_key: String,
}

#[derive(Debug, Default)]
pub(crate) struct RewardMutation;

#[Object]
impl RewardMutation {
    /// Spends a member's points on a reward; those of a group in the name of one of its people, or of
    /// nobody. Requires the scope `rewards:redeem`.
    async fn redeem_reward(
        &self,
        ctx: &Context<'_>,
        input: RedeemRewardInput,
    ) -> Result<Option<RedeemRewardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let redeemed = redeem(loyalty, actor, input).await;
        Ok(Some(RedeemRewardPayload::new(&Audience::of_session(ctx)?, redeemed)?))
    }
}

async fn redeem(
    loyalty: &Loyalty,
    actor: &Actor,
    input: RedeemRewardInput,
) -> CoreResult<Redemption> {
    let request = Redeem {
        member: input.member.parse()?,
        by: input.by.map(|by| by.parse_at("by")).transpose()?,
        reward: input.reward_key,
        idempotency_key: input.idempotency_key,
    };
    loyalty.rewards().redeem(actor, &request).await
}
