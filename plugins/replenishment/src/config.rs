//! What the operator says in the program file.

use perennial_sdk::PurchaseLine;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The plugin's table in the program file; the manifest's schema describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    /// By key.
    pub(crate) products: BTreeMap<String, Product>,
    #[serde(default = "three")]
    pub(crate) purchases_min: usize,
    #[serde(default = "fifty")]
    pub(crate) irregularity_max_percent: i32,
    #[serde(default = "five")]
    pub(crate) remind_days_before: i32,
    #[serde(default = "two")]
    pub(crate) unanswered_max: i32,
    /// Best first.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
}

/// What is bought again and again: some SKUs, whole categories, or both.
#[derive(Debug, Deserialize)]
pub(crate) struct Product {
    name: String,
    #[serde(default)]
    names: BTreeMap<String, String>,
    #[serde(default)]
    skus: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

impl Product {
    pub(crate) fn matches(&self, line: &PurchaseLine) -> bool {
        let is_in = |category: &String| self.categories.contains(category);
        self.skus.contains(&line.sku) || line.category.as_ref().is_some_and(is_in)
    }

    /// In the language of the locale, from `de-CH` to `de`, else the name that it has anyway.
    pub(crate) fn name_in(&self, locale: &str) -> &str {
        let language = locale.split('-').next().unwrap_or(locale);
        let name = self.names.get(locale).or_else(|| self.names.get(language));
        name.unwrap_or(&self.name)
    }
}

const fn two() -> i32 {
    2
}

const fn three() -> usize {
    3
}

const fn five() -> i32 {
    5
}

const fn fifty() -> i32 {
    50
}
