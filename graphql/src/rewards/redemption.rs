//! What redeeming a reward returns, in both schemas.

use super::Reward;
use crate::error::{UserError, split};
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::scalars::{DateTime, Points};
use async_graphql::{ID, SimpleObject};
use perennial_core::{Result, rewards};

/// Points spent on a reward.
#[derive(Debug, SimpleObject)]
pub(crate) struct Redemption {
    /// The redemption's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The reward's id in the program file.
    reward_key: String,
    /// The reward. Null if the program's current revision no longer has it.
    reward: Option<Reward>,
    /// The points spent.
    points: Points,
    /// The id of the transaction that spent them; the first, where several wallets paid.
    transaction_id: ID,
    /// The member's balance after the redemption.
    balance: Points,
    /// When the reward was redeemed, according to the program's clock.
    redeemed_at: DateTime,
}

impl Redemption {
    pub(crate) fn new(audience: &Audience, redemption: rewards::Redemption) -> Self {
        Self {
            id: GlobalId::Redemption(redemption.id).into(),
            reward: Reward::find(audience, &redemption.reward),
            reward_key: redemption.reward,
            points: redemption.points.into(),
            transaction_id: GlobalId::Transaction(redemption.transaction).into(),
            balance: redemption.balance.into(),
            redeemed_at: redemption.redeemed_at.into(),
        }
    }
}

/// Result of redeeming a reward.
#[derive(Debug, SimpleObject)]
pub(crate) struct RedeemRewardPayload {
    /// The redemption. Null if the request was refused.
    redemption: Option<Redemption>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

impl RedeemRewardPayload {
    /// Fails if the error is not a business refusal.
    pub(super) fn new(audience: &Audience, answer: Result<rewards::Redemption>) -> Result<Self> {
        let (redemption, user_errors) = split(answer)?;
        let redemption = redemption.map(|redemption| Redemption::new(audience, redemption));
        Ok(Self { redemption, user_errors })
    }
}
