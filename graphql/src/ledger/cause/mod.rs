//! Why a transaction is there: a type for each reason, so that a client reads names and ids instead
//! of taking a text apart. Whom else it is about only the admin schema shows, beside it.

mod corrected;
mod earned;
mod edited;
mod moved;
mod reappraised;
mod spent;

use crate::nodes::GlobalId;
use async_graphql::{ID, Union};
use corrected::{
    AdjustmentCause, DeductionCause, ErasureCause, ExpiredBy, ExpiryCause, ExtensionCause,
    RestorationCause, ReturnCause, VoidCause,
};
use earned::{
    ActivationCause, AwardCause, GroupPurchaseCause, OpeningCause, PurchaseCause, ReferralCause,
};
use edited::EditCause;
use moved::{MergeCause, TransferCause};
use perennial_core::ledger::Why;
use perennial_core::ledger::cause::{ByItself, Cause};
use perennial_core::{EditId, MemberId, PurchaseId, ReturnId, TransactionId};
use reappraised::ReappraisalCause;
use spent::{HoldCause, PaymentCause, RefundCause, RewardCause};

/// Why a transaction is there. More types can be added: ask for `__typename`, which tells the type also
/// where a query has no fragment for it, and show what you do not know as a change of points.
#[derive(Debug, Union)]
pub(crate) enum TransactionCause {
    Purchase(PurchaseCause),
    GroupPurchase(GroupPurchaseCause),
    Award(AwardCause),
    Deduction(DeductionCause),
    Referral(ReferralCause),
    Activation(ActivationCause),
    Opening(OpeningCause),
    Reward(RewardCause),
    Payment(PaymentCause),
    Hold(HoldCause),
    Return(ReturnCause),
    Refund(RefundCause),
    Edit(EditCause),
    Reappraisal(ReappraisalCause),
    Transfer(TransferCause),
    Merge(MergeCause),
    Adjustment(AdjustmentCause),
    Void(VoidCause),
    Extension(ExtensionCause),
    Expiry(ExpiryCause),
    Restoration(RestorationCause),
    Erasure(ErasureCause),
}

impl TransactionCause {
    /// Why a transaction of the member is there.
    pub(super) fn new(member: MemberId, why: Why) -> Self {
        let cause = match why {
            Why::Purchase(earned) if earned.buyer.is_some() => {
                return Self::GroupPurchase(earned.into());
            }
            Why::Purchase(earned) => return Self::Purchase(earned.into()),
            Why::Cause(cause) => cause,
        };
        match cause {
            Cause::Award(cause) => Self::Award(AwardCause::new(member, cause)),
            Cause::Deduction(cause) => Self::Deduction(DeductionCause::new(member, cause)),
            Cause::Referral(cause) => Self::Referral(cause.into()),
            Cause::ReferralReturn(cause) => Self::Referral(cause.into()),
            Cause::Activation(cause) => Self::Activation(cause.into()),
            Cause::Opening(cause) => Self::Opening(cause.into()),
            Cause::Reward(cause) => Self::Reward(cause.into()),
            Cause::Payment(cause) => Self::Payment(cause.into()),
            Cause::Hold(cause) => Self::Hold(cause.into()),
            Cause::Capture(cause) => Self::Hold(cause.into()),
            Cause::Release(cause) => Self::Hold(cause.into()),
            Cause::Return(cause) => Self::Return(cause.into()),
            Cause::Refund(cause) => Self::Refund(cause.into()),
            Cause::EditEarning(cause) => Self::Edit(cause.into()),
            Cause::Reappraisal(cause) => Self::Reappraisal(cause.into()),
            Cause::EditReturn(cause) => Self::Edit(cause.into()),
            Cause::EditRefund(cause) => Self::Edit(cause.into()),
            Cause::ReferralEdit(cause) => Self::Referral(cause.into()),
            Cause::Transfer(cause) => Self::Transfer(cause.into()),
            Cause::Merge(cause) => Self::Merge(cause.into()),
            Cause::Adjustment(cause) => Self::Adjustment(cause.into()),
            Cause::Void(cause) => Self::Void(cause.into()),
            Cause::Extension(cause) => Self::Extension(cause.into()),
            Cause::Ending(cause) => Self::Expiry(cause.into()),
            Cause::Restoration(cause) => Self::Restoration(cause.into()),
            Cause::Itself(cause) => match cause.reason {
                ByItself::Expired => Self::Expiry(ExpiryCause::of_itself(ExpiredBy::Time)),
                ByItself::Inactive => Self::Expiry(ExpiryCause::of_itself(ExpiredBy::Inactivity)),
                ByItself::Erased => Self::Erasure(ErasureCause { is_its_own: true }),
            },
            Cause::Erased(_) => Self::Erasure(ErasureCause { is_its_own: false }),
        }
    }
}

fn transaction(id: TransactionId) -> ID {
    GlobalId::Transaction(id).into()
}

fn purchase(id: PurchaseId) -> ID {
    GlobalId::Purchase(id).into()
}

fn returned(id: ReturnId) -> ID {
    GlobalId::Return(id).into()
}

fn edited(id: EditId) -> ID {
    GlobalId::Edit(id).into()
}
