//! `[points]` of the program file: which points there are, how long they last and what is too much.

use crate::db::{Field, Kind};
use crate::definition::{Check, Definition};
use crate::{Points, Result, Timestamp};
use serde::{Deserialize, Deserializer};
use std::sync::Arc;
use toml::Spanned;

/// Points per purchase when the file names no ceiling: large enough for any real purchase, small
/// enough that a wallet cannot overflow within a lifetime of purchases.
const PURCHASE_MAX_DEFAULT: i64 = 1_000_000_000;
const EXPIRY_MONTHS_MAX: u32 = 1200;
/// The type of the points of a program that has one type.
const ONLY_TYPE: &str = "POINTS";

/// What kind of points a wallet holds. An account has a wallet for each type that it ever earned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointType(Arc<str>);

#[derive(Clone, Debug)]
pub struct PointsPolicy {
    /// What purchases, referrals and plugins earn and rewards cost.
    pub point_type: PointType,
    /// Calendar months from earning to expiry in the program's zone; never when absent.
    pub expire_after_months: Option<u32>,
    /// The most that one purchase may earn; what rules and plugins propose beyond it is cut, and
    /// the cut recorded.
    pub purchase_max: Points,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointsFile {
    expire_after_months: Option<Spanned<u32>>,
    purchase_max: Option<Spanned<i64>>,
}

impl Definition {
    pub fn points(&self) -> &PointsPolicy {
        self.section()
    }

    /// When points earned at `earned_at` expire.
    pub(crate) fn expiry_of(&self, earned_at: Timestamp) -> Result<Option<Timestamp>> {
        let months = self.points().expire_after_months;
        months.map(|months| earned_at.plus_months(months, &self.zone)).transpose()
    }
}

pub(crate) fn section(check: &Check<'_>, file: PointsFile) -> Result<PointsPolicy> {
    if let Some(months) = &file.expire_after_months
        && !(1..=EXPIRY_MONTHS_MAX).contains(months.get_ref())
    {
        let why = format!("expire_after_months: use 1 to {EXPIRY_MONTHS_MAX}");
        return Err(check.at(months.span(), &why));
    }
    let purchase_max = match &file.purchase_max {
        Some(maximum) => check.positive(maximum)?,
        None => Points::new(PURCHASE_MAX_DEFAULT),
    };
    Ok(PointsPolicy {
        point_type: PointType(ONLY_TYPE.into()),
        expire_after_months: file.expire_after_months.map(Spanned::into_inner),
        purchase_max,
    })
}

impl Field for PointType {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut String) {
        crate::db::push(json, &*self.0);
    }

    fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
        String::deserialize(column).map(|text| Self(text.into()))
    }
}

#[cfg(test)]
impl PointType {
    pub(crate) fn named(name: &str) -> Self {
        Self(name.into())
    }
}
