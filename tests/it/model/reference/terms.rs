//! The terms of a program, and the program file that says them.

use jiff::{Span, Timestamp, tz::TimeZone};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) struct Terms {
    /// After how many months points expire.
    pub(in crate::model) months: Option<u32>,
    pub(in crate::model) grace_days: u16,
    /// The most that may be owed; anything without it.
    pub(in crate::model) may_owe: Option<i64>,
}

/// What every purchase earns beside a point for each whole euro, so that one that is free earns too.
pub(in crate::model) const THANKS: i64 = 2;
/// The price of a mug.
pub(in crate::model) const MUG: i64 = 10;
pub(in crate::model) const REFERRER_POINTS: i64 = 7;
pub(in crate::model) const REFERRED_POINTS: i64 = 4;
/// The most that a purchase earns.
pub(in crate::model) const PURCHASE_MAX: i64 = 1_000_000;
/// Points that count as earned, for each tier.
const TIERS: [(&str, i64); 2] = [("bronze", 15), ("silver", 60)];
const ZONE: &str = "Europe/Berlin";

impl Terms {
    pub(in crate::model) fn any() -> impl Strategy<Value = Self> {
        let months = prop_oneof![4 => (1_u32..=2).prop_map(Some), 1 => Just(None)];
        let grace_days = prop_oneof![Just(0_u16), Just(3), Just(30)];
        let may_owe = prop_oneof![2 => Just(None), 1 => Just(Some(0)), 1 => Just(Some(6))];
        (months, grace_days, may_owe).prop_map(|(months, grace_days, may_owe)| Self {
            months,
            grace_days,
            may_owe,
        })
    }

    /// The program file of a sandbox.
    pub(in crate::model) fn file(&self, program: &str) -> String {
        let Self { months, grace_days, may_owe } = self;
        let expiry =
            months.map_or(String::new(), |months| format!("expire_after_months = {months}"));
        let negative = match may_owe {
            None => "\"unlimited\"".to_owned(),
            Some(0) => "\"never\"".to_owned(),
            Some(most) => most.to_string(),
        };
        let tiers = TIERS.map(|(id, from)| {
            format!("[[tiers.ladder]]\nid = \"{id}\"\nname.en = \"{id}\"\nfrom = {from}\n")
        });
        format!(
            r#"
program = "{program}"
sandbox = true
clock_starts_on = "2026-01-01"
name.en = "Model"
time_zone = "{ZONE}"
currency = "EUR"
[points]
{expiry}
grace_days = {grace_days}
negative_balance = {negative}
purchase_max = {PURCHASE_MAX}
[[earning_rules]]
id = "euro"
name.en = "A point per euro"
points = 1
per = "1.00"
[[earning_rules]]
id = "thanks"
name.en = "Thanks"
points = {THANKS}
[[rewards]]
id = "mug"
name.en = "A mug"
points = {MUG}
[referral]
referrer_points = {REFERRER_POINTS}
referred_points = {REFERRED_POINTS}
[tiers]
metric = "points-earned"
{}"#,
            tiers.concat()
        )
    }

    /// When points expire that are earned at an instant: calendar months later, in the program's
    /// zone.
    pub(in crate::model) fn expiry(&self, at: Timestamp) -> Option<Timestamp> {
        let months = Span::new().months(i64::from(self.months?));
        let zone = TimeZone::get(ZONE).unwrap();
        Some(at.to_zoned(zone).checked_add(months).unwrap().timestamp())
    }

    pub(in crate::model) fn grace(&self) -> Span {
        Span::new().hours(24 * i64::from(self.grace_days))
    }
}

/// The tier of who earned so many points.
pub(in crate::model) fn tier(earned: i64) -> Option<&'static str> {
    TIERS.iter().rev().find(|(_, from)| earned >= *from).map(|(id, _)| *id)
}
