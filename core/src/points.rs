//! Points: whole numbers that every JSON parser represents exactly, checked arithmetic only.

use crate::{Code, Error};
use perennial_contract::limits;
use sea_orm::prelude::DeriveValueType;
use serde::{Deserialize, Serialize};

/// An amount of points. Negative only as the amount of a ledger entry.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    DeriveValueType,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Points(i64);

impl Points {
    pub const ZERO: Self = Self(0);
    /// 2^53 - 1: a double, which is what JSON is read into, has every whole number up to here.
    pub const MAX: Self = Self(limits::POINTS);

    pub const fn new(points: i64) -> Self {
        Self(points)
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    pub(crate) const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Fails with `OVERFLOW` beyond [`Points::MAX`].
    pub fn plus(self, other: Self) -> Result<Self, Error> {
        Self::within(self.0.checked_add(other.0))
    }

    /// Fails with `OVERFLOW` beyond [`Points::MAX`], on either side of zero.
    pub fn minus(self, other: Self) -> Result<Self, Error> {
        Self::within(self.0.checked_sub(other.0))
    }

    /// Fails with `OVERFLOW` beyond [`Points::MAX`].
    pub fn negated(self) -> Result<Self, Error> {
        Self::within(self.0.checked_neg())
    }

    fn within(points: Option<i64>) -> Result<Self, Error> {
        let is_exact = |points: &i64| points.unsigned_abs() <= Self::MAX.0.unsigned_abs();
        points.filter(is_exact).map(Self).ok_or_else(overflow)
    }

    /// The sum of many; fails with `OVERFLOW` as soon as a partial sum does.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        all.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl std::fmt::Display for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn overflow() -> Error {
    Error::new(Code::Overflow, "the number of points exceeds what a wallet can hold")
}
