//! What a member can spend, and when it expires.

use crate::scalars::{DateTime, Points};
use async_graphql::SimpleObject;
use perennial_core::ledger;

/// What a member can spend.
#[derive(Debug, SimpleObject)]
pub(crate) struct Balance {
    /// What can be spent now; what has expired does not count.
    points: Points,
    /// What expires when, the earliest first; points that never expire are not listed.
    expiring: Vec<ExpiringPoints>,
}

/// Points that expire together.
#[derive(Debug, SimpleObject)]
pub(crate) struct ExpiringPoints {
    /// The first instant at which they are gone.
    at: DateTime,
    /// How many.
    points: Points,
}

impl From<ledger::Balance> for Balance {
    fn from(balance: ledger::Balance) -> Self {
        let expiring = |expiring: ledger::Expiring| ExpiringPoints {
            at: expiring.at.into(),
            points: expiring.points.into(),
        };
        Self {
            points: balance.points.into(),
            expiring: balance.expiring.into_iter().map(expiring).collect(),
        }
    }
}
