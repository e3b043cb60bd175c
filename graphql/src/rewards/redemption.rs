//! What redeeming a reward returns, in both schemas.

use crate::error::{UserError, split};
use crate::scalars::{DateTime, Points};
use async_graphql::{ID, SimpleObject};
use perennial_core::{Result, rewards};

/// Points spent on a reward.
#[derive(Debug, SimpleObject)]
pub(crate) struct Redemption {
    /// The redemption's id.
    id: ID,
    /// The reward's id in the program file.
    reward: ID,
    /// The points spent.
    points: Points,
    /// The member's balance after the redemption.
    balance: Points,
    /// When the reward was redeemed, according to the program's clock.
    redeemed_at: DateTime,
}

impl From<rewards::Redemption> for Redemption {
    fn from(redemption: rewards::Redemption) -> Self {
        Self {
            id: redemption.id.to_string().into(),
            reward: redemption.reward.into(),
            points: redemption.points.into(),
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
    pub(super) fn new(answer: Result<rewards::Redemption>) -> Result<Self> {
        let (redemption, user_errors) = split(answer)?;
        Ok(Self { redemption: redemption.map(Redemption::from), user_errors })
    }
}
