//! Rewards in the storefront schema: the member redeems at checkout.

use super::redemption::RedeemRewardPayload;
use crate::context::RequestContext;
use crate::programs::Audience;
use async_graphql::{Context, InputObject, Object, Result};
use perennial_core::members::MemberRef;
use perennial_core::rewards::Redeem;

/// A reward to redeem.
#[derive(Debug, InputObject)]
pub(crate) struct RedeemRewardInput {
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
    /// Spends the member's points on a reward.
    async fn redeem_reward(
        &self,
        ctx: &Context<'_>,
        input: RedeemRewardInput,
    ) -> Result<Option<RedeemRewardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let request = Redeem {
            member: MemberRef::Id(ctx.session()?.member()?),
            reward: input.reward_key,
            idempotency_key: input.idempotency_key,
        };
        let redeemed = loyalty.rewards().redeem(actor, &request).await;
        Ok(Some(RedeemRewardPayload::new(&Audience::of_session(ctx)?, redeemed)?))
    }
}
