//! What the operator says in the program file, and what a machine's record says.

use perennial_sdk::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The plan that a tier brings, beside those of the model.
pub(crate) const INSPECTION: &str = "inspection";

/// The plugin's table in the program file; the manifest's schema describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    /// Model to consumable to interval.
    pub(crate) models: BTreeMap<String, BTreeMap<String, Interval>>,
    /// Tier to the interval of inspections.
    #[serde(default)]
    inspections: BTreeMap<String, Interval>,
    #[serde(default = "thirty")]
    pub(crate) remind_days_before: i32,
    #[serde(default = "fourteen")]
    pub(crate) follow_up_days_after: i32,
    /// Best first.
    #[serde(default = "roles")]
    pub(crate) roles: Vec<String>,
    #[serde(default)]
    pub(crate) on_time_points: i64,
}

/// By the calendar, by running hours, or by what comes first.
#[derive(Debug, Deserialize)]
pub(crate) struct Interval {
    pub(crate) months: Option<i32>,
    pub(crate) hours: Option<i64>,
    /// What a service takes, as an order would say it.
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Part {
    sku: String,
    #[serde(default = "one")]
    quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// A machine, as its record describes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Equipment {
    pub(crate) model: String,
    pub(crate) serial: Option<String>,
    pub(crate) installed_on: Option<Date>,
    #[serde(default)]
    pub(crate) serviced_on: BTreeMap<String, Date>,
    #[serde(default)]
    pub(crate) serviced_at_hours: BTreeMap<String, i64>,
    pub(crate) meter: Option<Reading>,
    /// When the customer said yes to a service.
    #[serde(default)]
    pub(crate) confirmed_on: BTreeMap<String, Date>,
    #[serde(default)]
    pub(crate) service_under_way: Vec<String>,
    pub(crate) opt_out: Option<bool>,
}

/// What the hour meter showed on a day.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Reading {
    pub(crate) hours: i64,
    pub(crate) on: Date,
}

impl Config {
    /// The interval of a consumable for a machine of a member in a tier.
    pub(crate) fn interval(
        &self,
        model: &str,
        tier: Option<&String>,
        consumable: &str,
    ) -> Option<&Interval> {
        let of_model = self.models.get(model).and_then(|plans| plans.get(consumable));
        let of_tier = tier.filter(|_| consumable == INSPECTION);
        of_model.or_else(|| self.inspections.get(of_tier?))
    }

    /// All plans of a machine: those of its model, and the inspection of the member's tier.
    pub(crate) fn plans<'a>(
        &'a self,
        model: &str,
        tier: Option<&String>,
    ) -> BTreeMap<&'a str, &'a Interval> {
        let inspection = self.interval(model, tier, INSPECTION).map(|plan| (INSPECTION, plan));
        let of_model = self.models.get(model).into_iter().flatten();
        of_model.map(|(consumable, plan)| (consumable.as_str(), plan)).chain(inspection).collect()
    }
}

/// The parts in one line, as many as a message takes.
pub(crate) fn listed(parts: &[Part]) -> String {
    const LIST_BYTES: usize = 1900;
    let mut list = String::new();
    for part in parts {
        let name = part.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let next = format!("{} × {}{name}", part.quantity, part.sku);
        if list.len() + next.len() > LIST_BYTES {
            break;
        }
        list = if list.is_empty() { next } else { format!("{list}, {next}") };
    }
    list
}

const fn one() -> u32 {
    1
}

const fn thirty() -> i32 {
    30
}

const fn fourteen() -> i32 {
    14
}

fn roles() -> Vec<String> {
    vec!["technical-engineer".to_owned(), "procurement-director".to_owned()]
}
