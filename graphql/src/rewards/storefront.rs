//! Rewards in the storefront schema: the member redeems at checkout.

use super::redemption::RedeemRewardPayload;
use crate::context::RequestContext;
use async_graphql::{Context, ID, InputObject, Object, Result};
use perennial_core::rewards::Redeem;

/// A wish to redeem a reward.
#[derive(Debug, InputObject)]
pub(crate) struct RedeemRewardInput {
    /// The reward's id.
    reward: ID,
    /// New for each wish, of your choice, at most 128 bytes; a repeat with the same key answers the first redemption.
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
    ) -> Result<RedeemRewardPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let request = Redeem {
            member: ctx.session()?.member()?,
            reward: input.reward.0,
            idempotency_key: input.idempotency_key,
        };
        Ok(RedeemRewardPayload::new(loyalty.rewards().redeem(actor, request).await)?)
    }
}
