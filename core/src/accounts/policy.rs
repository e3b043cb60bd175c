//! `[points]` of the program file: which points there are, how long they last and what is too much.

use crate::db::{Field, Kind};
use crate::definition::{Check, Definition};
use crate::{Points, Result, Timestamp};
use serde::{Deserialize, Deserializer};
use std::sync::Arc;
use std::time::Duration;
use toml::Spanned;

/// Points per purchase when the file names no ceiling: large enough for any real purchase, small
/// enough that a wallet cannot overflow within a lifetime of purchases.
const PURCHASE_MAX_DEFAULT: i64 = 1_000_000_000;
const EXPIRY_MONTHS_MAX: u32 = 1200;
/// Days for which points can be spent that come back after they are over, if the file does not say.
const GRACE_DAYS_DEFAULT: u16 = 30;
const GRACE_DAYS_MAX: u16 = 3660;
/// The type of the points of a program that has one type.
const ONLY_TYPE: &str = "POINTS";

/// What kind of points a wallet holds. An account has a wallet for each type that it ever earned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointType(Arc<str>);

/// How much an account may owe: points that were taken back, as by a return, after they were spent.
/// It is never spending that takes a balance below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayOwe {
    Nothing,
    UpTo(Points),
    Anything,
}

#[derive(Clone, Debug)]
pub struct PointsPolicy {
    /// What purchases, referrals and plugins earn and rewards cost.
    pub point_type: PointType,
    /// Calendar months from earning to expiry in the program's zone; never when absent.
    pub expire_after_months: Option<u32>,
    /// The most that one purchase may earn; what rules and plugins propose beyond it is cut, and
    /// the cut recorded.
    pub purchase_max: Points,
    /// How far a balance goes below zero when points are taken back that were spent.
    pub may_owe: MayOwe,
    /// How long points can be spent that come back, as by a correction, after they are over.
    pub grace: Duration,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointsFile {
    expire_after_months: Option<Spanned<u32>>,
    purchase_max: Option<Spanned<i64>>,
    grace_days: Option<Spanned<u16>>,
    negative_balance: Option<Spanned<NegativeBalance>>,
}

/// `negative_balance`: a word, or the most points.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum NegativeBalance {
    Word(String),
    UpTo(i64),
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
    if let Some(days) = &file.grace_days
        && *days.get_ref() > GRACE_DAYS_MAX
    {
        let why = format!("grace_days: use 0 to {GRACE_DAYS_MAX}");
        return Err(check.at(days.span(), &why));
    }
    let may_owe = file
        .negative_balance
        .as_ref()
        .map_or(Ok(MayOwe::Anything), |value| may_owe(check, value))?;
    let grace_days = file.grace_days.map_or(GRACE_DAYS_DEFAULT, Spanned::into_inner);
    Ok(PointsPolicy {
        point_type: PointType(ONLY_TYPE.into()),
        expire_after_months: file.expire_after_months.map(Spanned::into_inner),
        purchase_max,
        may_owe,
        grace: Duration::from_hours(24 * u64::from(grace_days)),
    })
}

fn may_owe(check: &Check<'_>, value: &Spanned<NegativeBalance>) -> Result<MayOwe> {
    match value.get_ref() {
        NegativeBalance::Word(word) if word == "never" => Ok(MayOwe::Nothing),
        NegativeBalance::Word(word) if word == "unlimited" => Ok(MayOwe::Anything),
        NegativeBalance::UpTo(most) if (1..=Points::MAX.get()).contains(most) => {
            Ok(MayOwe::UpTo(Points::new(*most)))
        }
        _ => {
            let why =
                "negative_balance: use \"never\", \"unlimited\" or the most points above zero";
            Err(check.at(value.span(), why))
        }
    }
}

impl MayOwe {
    /// How much of `missing` can be owed on top of what is owed. What is held is not spent, so as
    /// much can be owed in any case.
    pub(super) fn of(self, missing: Points, owed: Points, held: Points) -> Result<Points> {
        let most = match self {
            Self::Nothing => held,
            Self::UpTo(most) => most.plus(held)?,
            Self::Anything => return Ok(missing),
        };
        Ok(missing.min(most.minus(owed)?.max(Points::ZERO)))
    }
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
