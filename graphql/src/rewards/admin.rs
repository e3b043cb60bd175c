//! Rewards in the admin schema: redeeming on behalf of a member, as a till does.

use super::redemption::RedeemRewardPayload;
use crate::context::RequestContext;
use crate::members::MemberRefInput;
use async_graphql::{Context, ID, InputObject, Object, Result};
use perennial_core::rewards::{Redeem, Redemption};
use perennial_core::{Actor, Loyalty, Result as CoreResult, Scope};

/// A wish to redeem a reward for a member.
#[derive(Debug, InputObject)]
pub(crate) struct RedeemRewardInput {
    /// Whose points are spent.
    member: MemberRefInput,
    /// The reward's id.
    reward: ID,
    /// New for each wish, of your choice, at most 128 bytes; a repeat with the same key answers the first redemption.
    idempotency_key: String,
}

#[derive(Debug, Default)]
pub(crate) struct RewardMutation;

#[Object]
impl RewardMutation {
    /// Spends a member's points on a reward. Needs the scope `rewards:redeem`.
    async fn redeem_reward(
        &self,
        ctx: &Context<'_>,
        input: RedeemRewardInput,
    ) -> Result<RedeemRewardPayload> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(RedeemRewardPayload::new(redeem(loyalty, actor, input).await)?)
    }
}

async fn redeem(
    loyalty: &Loyalty,
    actor: &Actor,
    input: RedeemRewardInput,
) -> CoreResult<Redemption> {
    actor.require(Scope::RewardsRedeem)?;
    let member = loyalty.members().resolve(actor, &input.member.parse()?).await?;
    let request = Redeem { member, reward: input.reward.0, idempotency_key: input.idempotency_key };
    loyalty.rewards().redeem(actor, request).await
}
