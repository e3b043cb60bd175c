//! Redeeming on behalf of a member, as a till does.

use super::members::MemberRefInput;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::shared::Redemption;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::rewards::{self, Redeem};
use perennial_core::{Actor, Loyalty, Scope};

/// A wish to redeem a reward for a member.
#[derive(Debug, InputObject)]
pub(super) struct RedeemRewardInput {
    /// Whose points are spent.
    member: MemberRefInput,
    /// The reward's id.
    reward: ID,
    /// New for each wish, of your choice, at most 128 bytes; a repeat with the same key answers the first redemption.
    idempotency_key: String,
}

/// What came of a wish to redeem a reward.
#[derive(Debug, SimpleObject)]
pub(super) struct RedeemRewardPayload {
    /// The redemption, when nothing stood against it.
    redemption: Option<Redemption>,
    /// Why nothing was redeemed.
    user_errors: Vec<UserError>,
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
        let (redemption, user_errors) = split(redeem(loyalty, actor, input).await)?;
        Ok(RedeemRewardPayload { redemption: redemption.map(Redemption::from), user_errors })
    }
}

async fn redeem(
    loyalty: &Loyalty,
    actor: &Actor,
    input: RedeemRewardInput,
) -> perennial_core::Result<rewards::Redemption> {
    actor.require(Scope::RewardsRedeem)?;
    let member = loyalty.members().resolve(actor, &input.member.parse()?).await?;
    let wish = Redeem { member, reward: input.reward.0, idempotency_key: input.idempotency_key };
    loyalty.rewards().redeem(actor, wish).await
}
