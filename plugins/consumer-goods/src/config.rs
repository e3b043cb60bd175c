//! What the operator says in the program file.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The plugin's table in the program file; the manifest's schema describes it.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Config {
    pub(crate) silence_days: i32,
    pub(crate) offer_discount_percent: u8,
    pub(crate) offer_valid_days: i32,
    pub(crate) welcome_back_points: i64,
    /// By the shop's category.
    categories: BTreeMap<String, Category>,
    steps: Vec<StepFile>,
    pub(crate) hold_out_percent: u64,
}

#[derive(Debug, Deserialize)]
struct Category {
    silence_days: i32,
}

#[derive(Debug, Deserialize)]
struct StepFile {
    #[serde(default)]
    after_days: i32,
    offer_discount_percent: Option<u8>,
    offer_valid_days: Option<i32>,
}

/// What is done at one time to win a member back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// From the step before; of the first from the silence.
    pub(crate) after_days: i32,
    /// None for a message without an offer.
    pub(crate) discount_percent: Option<u8>,
    pub(crate) valid_days: i32,
    pub(crate) template: &'static str,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            silence_days: 180,
            offer_discount_percent: 10,
            offer_valid_days: 30,
            welcome_back_points: 0,
            categories: BTreeMap::new(),
            steps: Vec::new(),
            hold_out_percent: 0,
        }
    }
}

impl Config {
    /// Of the categories of a purchase the one whose customers come back soonest; none if none has a
    /// silence of its own.
    pub(crate) fn soonest<'a>(
        &self,
        categories: impl Iterator<Item = &'a String>,
    ) -> Option<&'a String> {
        let known = categories.filter_map(|category| {
            self.categories.get(category).map(|its| (its.silence_days, category))
        });
        known.min().map(|(_, category)| category)
    }

    pub(crate) fn silence_of(&self, category: Option<&String>) -> i32 {
        let own = category.and_then(|category| self.categories.get(category));
        own.map_or(self.silence_days, |own| own.silence_days)
    }

    /// A step by its number, from 1; none behind the last. A file without steps has one.
    pub(crate) fn step(&self, number: usize) -> Option<Step> {
        let (own, last) = (self.steps.get(number.checked_sub(1)?), self.steps.len().max(1));
        if number > last {
            return None;
        }
        let percent = own.and_then(|own| own.offer_discount_percent);
        let percent = percent.unwrap_or(self.offer_discount_percent);
        let valid = own.and_then(|own| own.offer_valid_days);
        // Two steps on one day would be one step too many.
        let after_days = own.map_or(0, |own| own.after_days).max(i32::from(number > 1));
        let template = match (percent, number) {
            (0, _) => "reactivation-reminder",
            (_, 1) => "reactivation",
            _ if number == last => "reactivation-last",
            _ => "reactivation-again",
        };
        Some(Step {
            after_days,
            discount_percent: (percent > 0).then_some(percent),
            valid_days: valid.unwrap_or(self.offer_valid_days),
            template,
        })
    }
}
