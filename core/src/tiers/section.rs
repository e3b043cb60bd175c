//! `[tiers]` of the program file.

use super::{Benefit, Ladder, Metric, Tier};
use crate::Result;
use crate::accounts::policy::expiry::ExpiryFile;
use crate::accounts::policy::section::PointTypes;
use crate::definition::{Check, Definition};
use crate::localized::Localized;
use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TiersFile {
    metric: Metric,
    point_type: Option<Spanned<String>>,
    ladder: Spanned<Vec<TierFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierFile {
    id: Spanned<String>,
    name: Localized,
    from: Spanned<Threshold>,
    #[serde(default)]
    benefits: Vec<BenefitFile>,
    expiry: Option<Spanned<ExpiryFile>>,
}

/// A count, or an amount of money as decimal text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Threshold {
    Count(i64),
    Amount(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BenefitFile {
    id: Spanned<String>,
    name: Localized,
    discount_percent: Option<Spanned<u32>>,
}

impl Definition {
    pub fn ladder(&self) -> &Ladder {
        self.section()
    }
}

pub(crate) fn section(
    check: &Check<'_>,
    file: Option<TiersFile>,
    types: &PointTypes,
) -> Result<Ladder> {
    let Some(file) = file else { return Ok(Ladder::empty()) };
    let tiers = file.ladder.get_ref();
    if tiers.is_empty() {
        let why = "tiers.ladder: name at least one tier, or leave [tiers] out";
        return Err(check.at(file.ladder.span(), why));
    }
    check.distinct(tiers.iter().map(|tier| &tier.id))?;
    let point_type = match &file.point_type {
        Some(named) if file.metric != Metric::PointsEarned => {
            return Err(check.wrong(named, "is counted only by the metric points-earned"));
        }
        named => types.named(check, named.as_ref())?,
    };
    let mut rungs: Vec<Tier> = Vec::new();
    for file_tier in file.ladder.into_inner() {
        let span = file_tier.from.span();
        let rung = tier(check, file_tier, file.metric)?;
        if rungs.last().is_some_and(|below| rung.from <= below.from) {
            return Err(check.at(span, "from: each tier must start above the one before it"));
        }
        rungs.push(rung);
    }
    Ok(Ladder::new(file.metric, point_type, rungs))
}

fn tier(check: &Check<'_>, file: TierFile, metric: Metric) -> Result<Tier> {
    check.distinct(file.benefits.iter().map(|benefit| &benefit.id))?;
    let benefits =
        file.benefits.into_iter().map(|file| benefit(check, file)).collect::<Result<_>>();
    Ok(Tier {
        id: check.slug(&file.id)?,
        name: check.named(file.name, &file.id)?,
        from: threshold(check, &file.from, metric)?,
        benefits: benefits?,
        expiry: file.expiry.map(|file| ExpiryFile::of_some(check, &file)).transpose()?,
    })
}

fn threshold(check: &Check<'_>, from: &Spanned<Threshold>, metric: Metric) -> Result<i64> {
    let wrong = |why: &str| check.at(from.span(), why);
    let value = match (from.get_ref(), metric) {
        (Threshold::Amount(amount), Metric::Spent) => {
            check.currency.minor_units(amount).map_err(|error| wrong(error.message()))?
        }
        (Threshold::Count(count), Metric::Purchases | Metric::PointsEarned) => *count,
        (Threshold::Count(_), Metric::Spent) => {
            return Err(wrong("from: write money as text, such as \"1000.00\""));
        }
        (Threshold::Amount(_), _) => {
            return Err(wrong("from: write a whole number for this metric"));
        }
    };
    if value < 0 { Err(wrong("from: use zero or more")) } else { Ok(value) }
}

fn benefit(check: &Check<'_>, file: BenefitFile) -> Result<Benefit> {
    if let Some(percent) = &file.discount_percent
        && !(1..=100).contains(percent.get_ref())
    {
        return Err(check.at(percent.span(), "discount_percent: use 1 to 100"));
    }
    Ok(Benefit {
        id: check.slug(&file.id)?,
        name: check.named(file.name, &file.id)?,
        discount_percent: file.discount_percent.map(Spanned::into_inner),
    })
}
