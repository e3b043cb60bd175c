//! Why points were spent or reserved, and given back.

use super::{purchase, returned, transaction};
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::rewards::Reward;
use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use perennial_core::ledger::cause;

/// A reward was redeemed.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct RewardCause {
    /// The reward's id in the program file.
    pub(super) reward_key: String,
    /// The redemption's id.
    pub(super) redemption_id: ID,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

#[ComplexObject]
impl RewardCause {
    /// The reward. Null if the program's current revision no longer has it.
    async fn reward(&self, ctx: &Context<'_>) -> Result<Option<Reward>> {
        Ok(Reward::find(&Audience::of_session(ctx)?, &self.reward_key))
    }
}

impl From<cause::Reward> for RewardCause {
    fn from(cause: cause::Reward) -> Self {
        Self {
            reward_key: cause.reward,
            redemption_id: GlobalId::Redemption(cause.redemption).into(),
            revision: cause.revision,
        }
    }
}

/// Points paid for a part of a purchase.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct PaymentCause {
    /// The purchase's id.
    pub(super) purchase_id: ID,
    /// The shop's order number; of what another has bought the purchase's id.
    pub(super) purchase_reference: String,
    /// The revision of the program that ran.
    pub(super) revision: u32,
    #[graphql(skip)]
    pub(super) amount_minor: i64,
}

#[ComplexObject]
impl PaymentCause {
    /// What of the purchase the points paid.
    async fn amount(&self, ctx: &Context<'_>) -> Result<Money> {
        Ok(Audience::of_session(ctx)?.money(self.amount_minor))
    }
}

impl From<cause::Payment> for PaymentCause {
    fn from(cause: cause::Payment) -> Self {
        Self {
            purchase_id: purchase(cause.payment),
            // Where another than the buyer has paid it is a number of nobody's, which begins with a space.
            purchase_reference: cause.reference.trim_start().to_owned(),
            revision: cause.revision,
            amount_minor: cause.amount_minor,
        }
    }
}

/// Points were reserved, became free again, or were captured, as the kind of the transaction says.
#[derive(Debug, SimpleObject)]
pub(crate) struct HoldCause {
    /// The hold's id.
    pub(super) hold_id: ID,
    /// Why the points were reserved. Null on the transaction that frees them.
    pub(super) reason: Option<String>,
    /// The revision of the program that ran. Null unless the points were captured.
    pub(super) revision: Option<u32>,
}

impl From<cause::Hold> for HoldCause {
    fn from(cause: cause::Hold) -> Self {
        Self {
            hold_id: GlobalId::Hold(cause.hold).into(),
            reason: Some(cause.reason),
            revision: None,
        }
    }
}

impl From<cause::Capture> for HoldCause {
    fn from(cause: cause::Capture) -> Self {
        Self {
            hold_id: GlobalId::Hold(cause.hold).into(),
            reason: Some(cause.reason),
            revision: Some(cause.revision),
        }
    }
}

impl From<cause::Release> for HoldCause {
    fn from(cause: cause::Release) -> Self {
        Self { hold_id: GlobalId::Hold(cause.hold).into(), reason: None, revision: None }
    }
}

/// Something of a purchase came back that points had paid.
#[derive(Debug, SimpleObject)]
pub(crate) struct RefundCause {
    /// The return's id.
    pub(super) return_id: ID,
    /// The shop's number of the return; of what another has bought the return's id.
    pub(super) return_reference: String,
    /// The shop's order number; of what another has bought the purchase's id.
    pub(super) purchase_reference: String,
    /// The id of the transaction that spent the points.
    pub(super) payment_id: ID,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Refund> for RefundCause {
    fn from(cause: cause::Refund) -> Self {
        Self {
            return_id: returned(cause.return_id),
            return_reference: cause.reference.trim_start().to_owned(),
            purchase_reference: cause.purchase_reference.trim_start().to_owned(),
            payment_id: transaction(cause.payment),
            revision: cause.revision,
        }
    }
}
