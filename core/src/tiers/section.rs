//! `[tiers]` of the program file.

use super::{Benefit, Ladder, Metric, Tier};
use crate::Result;
use crate::accounts::policy::expiry::ExpiryFile;
use crate::accounts::policy::section::PointTypes;
use crate::definition::{Check, Definition};
use crate::localized::Localized;
use serde::Deserialize;
use std::cell::Cell;
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
    if file.ladder.get_ref().is_empty() {
        let why = "tiers.ladder: name at least one tier, or leave [tiers] out";
        return Err(check.at(file.ladder.span(), why));
    }
    let point_type = match &file.point_type {
        Some(named) if file.metric != Metric::PointsEarned => {
            Err(check.wrong(named, "is counted only by the metric points-earned"))
        }
        named => types.named(check, named.as_ref()),
    };
    let below = Cell::new(None);
    let rung = |file_tier: TierFile| {
        let span = file_tier.from.span();
        let rung = tier(check, file_tier, file.metric)?;
        if below.replace(Some(rung.from)).is_some_and(|below| rung.from <= below) {
            return Err(check.at(span, "from: each tier must start above the one before it"));
        }
        Ok(rung)
    };
    let rungs = check.each(file.ladder.into_inner(), |tier| &tier.id, rung);
    Ok(Ladder::new(file.metric, point_type?, rungs))
}

fn tier(check: &Check<'_>, file: TierFile, metric: Metric) -> Result<Tier> {
    let (id, name) = (check.slug(&file.id), check.named(file.name, &file.id));
    let from = threshold(check, &file.from, metric);
    let benefits = check.each(file.benefits, |file| &file.id, |file| benefit(check, file));
    let expiry = file.expiry.map(|file| ExpiryFile::of_some(check, &file)).transpose();
    Ok(Tier { id: id?, name: name?, from: from?, benefits, expiry: expiry? })
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
    let (id, name) = (check.slug(&file.id), check.named(file.name, &file.id));
    let percent = |percent: &Spanned<u32>| check.within("discount_percent", percent, (1, 100));
    let discount_percent = file.discount_percent.as_ref().map(percent).transpose();
    Ok(Benefit { id: id?, name: name?, discount_percent: discount_percent? })
}
