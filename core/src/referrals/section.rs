//! `[referral]` of the program file.

use crate::definition::{Check, Definition};
use crate::{Points, Result};
use serde::Deserialize;
use toml::Spanned;

/// What a completed referral pays.
#[derive(Clone, Copy, Debug)]
pub struct ReferralTerms {
    pub referrer_points: Points,
    pub referred_points: Points,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferralFile {
    referrer_points: Spanned<i64>,
    referred_points: Spanned<i64>,
}

#[derive(Debug)]
pub(crate) struct Referral(Option<ReferralTerms>);

impl Definition {
    /// What a completed referral pays; none when the program has no referrals.
    pub fn referral(&self) -> Option<ReferralTerms> {
        self.section::<Referral>().0
    }
}

pub(crate) fn section(check: &Check<'_>, file: Option<ReferralFile>) -> Result<Referral> {
    let terms = |file: ReferralFile| {
        let referrer = check.positive(&file.referrer_points);
        let referred = check.positive(&file.referred_points);
        Ok(ReferralTerms { referrer_points: referrer?, referred_points: referred? })
    };
    file.map(terms).transpose().map(Referral)
}
