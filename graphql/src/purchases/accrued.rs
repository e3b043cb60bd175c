//! What a purchase brings the accounts that it accrues to.

use crate::earning::{EarnedPoints, PointsCut};
use crate::nodes::GlobalId;
use crate::scalars::Points;
use async_graphql::{ID, SimpleObject};
use perennial_core::purchases;

/// What a purchase earned an account that it accrues to.
#[derive(Debug, SimpleObject)]
pub(crate) struct Accrued {
    /// The id of the member whose account it is: the buyer, or a group.
    member_id: ID,
    /// The program's main points that the account got.
    points_earned: Points,
    #[graphql(flatten)]
    given: Given,
    /// The account's balance after the purchase.
    balance: Points,
    /// The id of the transaction by which it got them. Null if it got none.
    transaction_id: Option<ID>,
}

/// What a purchase would earn an account that it accrues to.
#[derive(Debug, SimpleObject)]
pub(crate) struct QuotedAccrual {
    /// The id of the member whose account it is: the buyer, or a group.
    member_id: ID,
    /// The program's main points that the account would get.
    points: Points,
    #[graphql(flatten)]
    given: Given,
}

/// What a recorded purchase earned an account that it accrued to.
#[derive(Debug, SimpleObject)]
pub(crate) struct PurchaseAccrual {
    /// The id of the member whose account it is: the buyer, or a group.
    member_id: ID,
    /// The program's main points that the account got, as it is after all edits.
    points_earned: Points,
}

/// What is to be said of points that an account gets, or would get, beside how many there are.
#[derive(Debug, SimpleObject)]
pub(crate) struct Given {
    /// How many of these points cannot be spent at once.
    points_pending: Points,
    /// What the program's maximum for one purchase and the account's caps take away.
    cuts: Vec<PointsCut>,
    /// What there is for the account of the program's other types of points.
    other_points: Vec<EarnedPoints>,
}

impl From<purchases::Accrued> for Accrued {
    fn from(accrued: purchases::Accrued) -> Self {
        Self {
            member_id: GlobalId::Member(accrued.member).into(),
            points_earned: accrued.points.into(),
            balance: accrued.balance.into(),
            transaction_id: accrued.transaction.map(|id| GlobalId::Transaction(id).into()),
            given: accrued.into(),
        }
    }
}

impl From<purchases::Accrued> for QuotedAccrual {
    fn from(accrued: purchases::Accrued) -> Self {
        Self {
            member_id: GlobalId::Member(accrued.member).into(),
            points: accrued.points.into(),
            given: accrued.into(),
        }
    }
}

impl From<purchases::Accrued> for Given {
    fn from(accrued: purchases::Accrued) -> Self {
        Self {
            points_pending: accrued.pending.into(),
            cuts: accrued.cuts.into_iter().map(PointsCut::from).collect(),
            other_points: accrued.others.iter().map(EarnedPoints::from).collect(),
        }
    }
}

impl From<&purchases::Accrued> for PurchaseAccrual {
    fn from(accrued: &purchases::Accrued) -> Self {
        Self {
            member_id: GlobalId::Member(accrued.member).into(),
            points_earned: accrued.points.into(),
        }
    }
}
