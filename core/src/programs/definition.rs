//! What a program is: its words, rules and prices, read from `program.toml` and checked as a whole before anything uses it.

use super::{Localized, check};
use crate::earning::EarningRule;
use crate::referrals::ReferralTerms;
use crate::rewards::Reward;
use crate::tiers::Ladder;
use crate::{Currency, Points, Result, Timestamp};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeMap;

/// A checked program file. Immutable: a change is a new revision.
#[derive(Debug)]
pub struct Definition {
    pub slug: String,
    pub name: Localized,
    /// Whether the program lives by a test clock.
    pub is_sandbox: bool,
    /// Where a sandbox's test clock stands when the program is created; at the machine's now when absent.
    pub clock_starts_at: Option<Timestamp>,
    pub zone: TimeZone,
    pub currency: Currency,
    /// BCP 47; for members who have none of their own.
    pub locale: String,
    pub points: PointsPolicy,
    pub earning_rules: Vec<EarningRule>,
    pub ladder: Ladder,
    pub rewards: Vec<Reward>,
    pub referral: Option<ReferralTerms>,
    /// Plugin id to configuration. Checked against the plugin's manifest when the program is applied.
    pub plugins: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug)]
pub struct PointsPolicy {
    /// Calendar months from earning to expiry in the program's zone; never when absent.
    pub expire_after_months: Option<u32>,
    /// The most that one purchase may earn; what rules and plugins propose beyond it is cut, and the cut recorded.
    pub purchase_max: Points,
}

impl Definition {
    /// Reads a program file. Fails with `PROGRAM_FILE_INVALID`, naming the line.
    pub fn parse(text: &str) -> Result<Self> {
        check::definition(text)
    }

    /// When points earned at `earned_at` expire.
    pub fn expiry_of(&self, earned_at: Timestamp) -> Result<Option<Timestamp>> {
        self.points
            .expire_after_months
            .map(|months| earned_at.plus_months(months, &self.zone))
            .transpose()
    }

    pub fn reward(&self, id: &str) -> Option<&Reward> {
        self.rewards.iter().find(|reward| reward.id == id)
    }
}
