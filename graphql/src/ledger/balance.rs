//! What a member can spend, and when it expires.

use crate::scalars::{DateTime, Points};
use async_graphql::SimpleObject;
use perennial_core::ledger;

/// The program's main points that a member can spend.
#[derive(Debug, SimpleObject)]
pub(crate) struct Balance {
    /// Points that can be spent now, without expired points. Below zero if points were taken back
    /// that had been spent or are held, as by a return: what comes next, or is no longer held, pays
    /// that first.
    points: Points,
    /// Points that can be spent on what costs points of this type: those of this wallet, and those of
    /// the other types in the `spendOrder` of the type. Never below zero.
    spendable: Points,
    /// Points that open holds have reserved; not part of `points`.
    held: Points,
    /// Points that are earned and cannot be spent yet; not part of `points`.
    pending: Points,
    /// When points expire, earliest first. Points that never expire are not listed.
    expiring: Vec<ExpiringPoints>,
}

/// Points that expire together.
#[derive(Debug, SimpleObject)]
pub(crate) struct ExpiringPoints {
    /// When the points expire. From this time on, they cannot be spent.
    at: DateTime,
    /// The number of points.
    points: Points,
}

impl From<ledger::Balance> for Balance {
    fn from(balance: ledger::Balance) -> Self {
        Self {
            points: balance.points.into(),
            spendable: balance.spendable.into(),
            held: balance.held.into(),
            pending: balance.pending.into(),
            expiring: balance.expiring.into_iter().map(ExpiringPoints::from).collect(),
        }
    }
}

impl From<ledger::Expiring> for ExpiringPoints {
    fn from(expiring: ledger::Expiring) -> Self {
        Self { at: expiring.at.into(), points: expiring.points.into() }
    }
}
