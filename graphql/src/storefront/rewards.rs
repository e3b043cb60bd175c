//! Spending points at the checkout.

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::shared::Redemption;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::rewards::Redeem;

/// A wish to redeem a reward.
#[derive(Debug, InputObject)]
pub(super) struct RedeemRewardInput {
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
    /// Spends the member's points on a reward.
    async fn redeem_reward(
        &self,
        ctx: &Context<'_>,
        input: RedeemRewardInput,
    ) -> Result<RedeemRewardPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let wish = Redeem {
            member: ctx.session()?.member()?,
            reward: input.reward.0,
            idempotency_key: input.idempotency_key,
        };
        let (redemption, user_errors) = split(loyalty.rewards().redeem(actor, wish).await)?;
        Ok(RedeemRewardPayload { redemption: redemption.map(Redemption::from), user_errors })
    }
}
