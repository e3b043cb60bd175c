//! Rewards in the storefront schema: the member redeems at checkout.

use super::redemption::RedeemRewardPayload;
use crate::auth::Session;
use crate::context::RequestContext;
use crate::members::member_id;
use crate::programs::Audience;
use async_graphql::{Context, ID, InputObject, Object, Result};
use perennial_core::members::MemberRef;
use perennial_core::rewards::{Redeem, Redemption};
use perennial_core::{Error, Loyalty, Result as CoreResult};

/// A reward to redeem.
#[derive(Debug, InputObject)]
pub(crate) struct RedeemRewardInput {
    /// The reward's id in the program file.
    reward_key: String,
    /// The `memberId` of the group whose points are spent: one that the member belongs to and may
    /// spend for. Default: the member's own.
    from: Option<ID>,
    /// Unique for each redemption of the member, or of the group, 1 to 128 printable characters. Repeating a request with the same
    /// key returns the first redemption and spends nothing; reusing the key for another reward is
    /// refused.
    idempotency_key: String,
}

#[derive(Debug, Default)]
pub(crate) struct RewardMutation;

#[Object]
impl RewardMutation {
    /// Spends the member's points on a reward, or those of a group of which the member may spend.
    async fn redeem_reward(
        &self,
        ctx: &Context<'_>,
        input: RedeemRewardInput,
    ) -> Result<Option<RedeemRewardPayload>> {
        let (loyalty, session) = (ctx.loyalty(), ctx.session()?);
        let redeemed = redeem(loyalty, session, input).await;
        Ok(Some(RedeemRewardPayload::new(&Audience::of_session(ctx)?, redeemed)?))
    }
}

async fn redeem(
    loyalty: &Loyalty,
    session: &Session,
    input: RedeemRewardInput,
) -> CoreResult<Redemption> {
    let member = session.member()?;
    let from = input.from.map(|from| member_id(&from, "from")).transpose()?;
    let request = Redeem {
        member: MemberRef::Id(from.unwrap_or(member)),
        by: from.map(|_| MemberRef::Id(member)),
        reward: input.reward_key,
        idempotency_key: input.idempotency_key,
    };
    let redeemed = loyalty.rewards().redeem(&session.actor, &request).await;
    // The storefront names the group, and nobody else but its own member.
    redeemed.map_err(|error| match error.field() {
        Some("by" | "member") => Error::new(error.code(), error.message()).at("from"),
        _ => error,
    })
}
