//! Why transactions are there, as it is read.

use crate::earning::Appraisal;
use crate::operation::{Cause, cause};
use crate::{Error, MemberId, PurchaseId, Result, TransactionId};
use serde_json::Value;

/// Why a transaction is there.
#[derive(Clone, Debug)]
pub enum Why {
    /// It is what a purchase earned.
    Purchase(Earned),
    /// Anything else.
    Cause(Cause),
}

/// A purchase that has earned points.
#[derive(Clone, Debug)]
pub struct Earned {
    pub purchase: PurchaseId,
    /// The shop's number.
    pub reference: String,
    /// The revision of the program that it was recorded under.
    pub revision: u32,
    pub total_minor: i64,
    /// What all of the purchase earned, and why.
    pub appraisal: Appraisal,
    /// Whose purchase it is, of what it brought a group.
    pub buyer: Option<MemberId>,
}

/// Stands for what an operator said of a gift card.
const GIFT_CARD: &str = "Gift card";

impl Why {
    /// The same without what an operator said.
    pub(super) fn hushed(mut self) -> Self {
        match &mut self {
            Self::Cause(
                Cause::Adjustment(cause::Adjustment { reason, .. })
                | Cause::Transfer(cause::Transfer { reason, .. })
                | Cause::Void(cause::Void { reason, .. })
                | Cause::Extension(cause::Extension { reason, .. })
                | Cause::Ending(cause::Ending { reason, .. })
                | Cause::Hold(cause::Hold { reason, .. }),
            ) => GIFT_CARD.clone_into(reason),
            Self::Purchase(_) | Self::Cause(_) => (),
        }
        self
    }

    /// None when it is none that this version knows.
    pub(super) fn read(kept: Option<Value>, earned: Option<Earned>) -> Option<Self> {
        match kept {
            Some(kept) => Cause::read(kept).map(Self::Cause),
            None => earned.map(Self::Purchase),
        }
    }

    pub(super) fn other_member(&self) -> Option<MemberId> {
        match self {
            Self::Purchase(earned) => earned.buyer,
            Self::Cause(Cause::Referral(referral)) => Some(referral.with),
            Self::Cause(Cause::Transfer(transfer)) => Some(transfer.member),
            Self::Cause(Cause::Merge(merge)) => Some(merge.member),
            Self::Cause(_) => None,
        }
    }

    pub(super) fn other_transaction(&self) -> Option<TransactionId> {
        match self {
            Self::Cause(Cause::Transfer(transfer)) => Some(transfer.transaction),
            Self::Cause(Cause::Merge(merge)) => Some(merge.transaction),
            _ => None,
        }
    }

    pub(super) fn approved_by(&self) -> Option<&str> {
        match self {
            Self::Cause(Cause::Adjustment(adjustment)) => adjustment.approved_by.as_deref(),
            _ => None,
        }
    }

    pub(super) fn purchase(&self) -> Option<PurchaseId> {
        match self {
            Self::Purchase(earned) => Some(earned.purchase),
            Self::Cause(Cause::Referral(cause)) => Some(cause.purchase),
            Self::Cause(Cause::ReferralReturn(cause)) => Some(cause.purchase),
            Self::Cause(Cause::Return(cause)) => Some(cause.purchase),
            Self::Cause(Cause::EditEarning(cause)) => Some(cause.purchase),
            Self::Cause(Cause::Reappraisal(cause)) => Some(cause.reappraised),
            Self::Cause(Cause::EditReturn(cause)) => Some(cause.purchase),
            Self::Cause(Cause::ReferralEdit(cause)) => Some(cause.purchase),
            Self::Cause(Cause::Payment(cause)) => Some(cause.payment),
            Self::Cause(_) => None,
        }
    }
}

impl Earned {
    /// None when the transaction names no purchase.
    pub(super) fn read(
        purchase: Option<PurchaseId>,
        reference: Option<String>,
        revision: Option<i32>,
        total_minor: Option<i64>,
        appraisal: Option<Value>,
    ) -> Result<Option<Self>> {
        let found = purchase.zip(reference).zip(revision.zip(total_minor)).zip(appraisal);
        let Some((((purchase, reference), (revision, total_minor)), appraisal)) = found else {
            return Ok(None);
        };
        let appraisal = serde_json::from_value(appraisal).map_err(broken)?;
        let revision =
            u32::try_from(revision).map_err(|_| Error::internal("a revision below zero"))?;
        Ok(Some(Self { purchase, reference, revision, total_minor, appraisal, buyer: None }))
    }
}

fn broken(error: serde_json::Error) -> Error {
    Error::internal("an appraisal that cannot be read").caused_by(error)
}
