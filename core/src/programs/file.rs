//! `program.toml` as it is written. Unknown keys are errors; what the words mean is checked in `check`.

use super::Localized;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProgramFile {
    pub(super) program: Spanned<String>,
    pub(super) name: Localized,
    #[serde(default)]
    pub(super) sandbox: bool,
    pub(super) clock_starts_on: Option<Spanned<String>>,
    pub(super) time_zone: Spanned<String>,
    pub(super) currency: Spanned<String>,
    #[serde(default = "english")]
    pub(super) locale: String,
    #[serde(default)]
    pub(super) points: PointsFile,
    #[serde(default)]
    pub(super) earning_rules: Vec<EarningRuleFile>,
    pub(super) tiers: Option<TiersFile>,
    #[serde(default)]
    pub(super) rewards: Vec<RewardFile>,
    pub(super) referral: Option<ReferralFile>,
    #[serde(default)]
    pub(super) plugins: BTreeMap<Spanned<String>, toml::Table>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PointsFile {
    pub(super) expire_after_months: Option<Spanned<u32>>,
    pub(super) purchase_max: Option<Spanned<i64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EarningRuleFile {
    pub(super) id: Spanned<String>,
    pub(super) name: Localized,
    pub(super) when: Option<Spanned<String>>,
    pub(super) points: Spanned<i64>,
    pub(super) per: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TiersFile {
    pub(super) metric: crate::tiers::Metric,
    pub(super) ladder: Spanned<Vec<TierFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TierFile {
    pub(super) id: Spanned<String>,
    pub(super) name: Localized,
    pub(super) from: Spanned<Threshold>,
    #[serde(default)]
    pub(super) benefits: Vec<BenefitFile>,
}

/// A count, or an amount of money as decimal text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Threshold {
    Count(i64),
    Amount(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BenefitFile {
    pub(super) id: Spanned<String>,
    pub(super) name: Localized,
    pub(super) discount_percent: Option<Spanned<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RewardFile {
    pub(super) id: Spanned<String>,
    pub(super) name: Localized,
    pub(super) points: Spanned<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferralFile {
    pub(super) referrer_points: Spanned<i64>,
    pub(super) referred_points: Spanned<i64>,
}

fn english() -> String {
    "en".to_owned()
}
