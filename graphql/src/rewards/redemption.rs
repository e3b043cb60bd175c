//! What redeeming a reward answers, in both schemas.

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
    /// What it cost.
    points: Points,
    /// What was left.
    balance: Points,
    /// When, by the program's clock.
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

/// What came of a wish to redeem a reward.
#[derive(Debug, SimpleObject)]
pub(crate) struct RedeemRewardPayload {
    /// The redemption, when nothing stood against it.
    redemption: Option<Redemption>,
    /// Why nothing was redeemed.
    user_errors: Vec<UserError>,
}

impl RedeemRewardPayload {
    /// Fails with what is not a business refusal.
    pub(super) fn new(answer: Result<rewards::Redemption>) -> Result<Self> {
        let (redemption, user_errors) = split(answer)?;
        Ok(Self { redemption: redemption.map(Redemption::from), user_errors })
    }
}
