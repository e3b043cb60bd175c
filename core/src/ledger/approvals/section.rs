//! `[approval]` of the program file.

use crate::accounts::PointType;
use crate::accounts::policy::section::PointTypes;
use crate::definition::{Check, Definition};
use crate::{Points, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use toml::Spanned;

/// For how many days a request waits at most, and if the file does not say.
const WITHIN_DAYS_MAX: u16 = 365;
const WITHIN_DAYS_DEFAULT: u16 = 14;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalFile {
    adjust_above: Spanned<AboveFile>,
    within_days: Option<Spanned<u16>>,
}

/// `adjust_above`: a number for points of every type, or one for each type.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "adjust_above: use a number of points, or a table of one for each type"
)]
enum AboveFile {
    Every(i64),
    Each(BTreeMap<String, i64>),
}

/// Which adjustments need a second operator.
#[derive(Debug)]
pub(crate) struct ApprovalPolicy(Option<Needed>);

#[derive(Debug)]
struct Needed {
    above: Above,
    within: Duration,
}

#[derive(Debug)]
enum Above {
    Every(Points),
    Each(BTreeMap<PointType, Points>),
}

impl Definition {
    /// For how long an adjustment by so many points waits for a second operator; none if it needs
    /// none.
    pub(crate) fn waits_for_approval(
        &self,
        point_type: &PointType,
        points: Points,
    ) -> Option<Duration> {
        let needed = self.section::<ApprovalPolicy>().0.as_ref()?;
        let most = match &needed.above {
            Above::Every(most) => *most,
            Above::Each(types) => *types.get(point_type)?,
        };
        let is_above = points.get().unsigned_abs() > most.get().unsigned_abs();
        is_above.then_some(needed.within)
    }
}

pub(crate) fn section(
    check: &Check<'_>,
    file: Option<ApprovalFile>,
    types: &PointTypes,
) -> Result<ApprovalPolicy> {
    file.map(|file| file.checked(check, types)).transpose().map(ApprovalPolicy)
}

impl ApprovalFile {
    fn checked(self, check: &Check<'_>, types: &PointTypes) -> Result<Needed> {
        let span = self.adjust_above.span();
        let most = |most: i64| {
            if (0..=Points::MAX.get()).contains(&most) {
                return Ok(Points::new(most));
            }
            let why = format!("adjust_above: use 0 to {} points", Points::MAX);
            Err(check.at(span.clone(), &why))
        };
        let days = |days| check.within("within_days", days, (1, WITHIN_DAYS_MAX));
        let days = self.within_days.as_ref().map_or(Ok(WITHIN_DAYS_DEFAULT), days);
        let above = match self.adjust_above.into_inner() {
            AboveFile::Every(points) => Above::Every(most(points)?),
            AboveFile::Each(files) => {
                let each = |(id, points): (String, i64)| {
                    let id = Spanned::new(span.clone(), id);
                    let (point_type, most) = (types.named(check, Some(&id)), most(points));
                    Ok((point_type?, most?))
                };
                let all: Vec<Result<_>> = files.into_iter().map(each).collect();
                Above::Each(all.into_iter().collect::<Result<_>>()?)
            }
        };
        let days = days?;
        Ok(Needed { above, within: Duration::from_hours(24 * u64::from(days)) })
    }
}
