//! What the operator says in the program file: which documents there are, and for whom.

use perennial_sdk::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The plugin's table in the program file; the manifest's schema describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    /// By key.
    pub(crate) documents: BTreeMap<String, Document>,
    #[serde(default = "ten")]
    pub(crate) messages_per_day_max: usize,
    #[serde(default = "seven")]
    pub(crate) look_every_days: i32,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    title: String,
    #[serde(default)]
    titles: BTreeMap<String, String>,
    url: String,
    #[serde(default)]
    urls: BTreeMap<String, String>,
    pub(crate) roles: Vec<String>,
    /// Empty for all.
    #[serde(default)]
    pub(crate) models: Vec<String>,
    /// Empty for all.
    #[serde(default)]
    pub(crate) categories: Vec<String>,
    pub(crate) from: Option<Date>,
    until: Option<Date>,
}

impl Document {
    pub(crate) fn is_out(&self, today: Date) -> bool {
        self.from.is_none_or(|from| from <= today) && self.until.is_none_or(|until| today <= until)
    }

    pub(crate) fn title_in(&self, locale: &str) -> &str {
        in_locale(&self.titles, locale).unwrap_or(&self.title)
    }

    pub(crate) fn url_in(&self, locale: &str) -> &str {
        in_locale(&self.urls, locale).unwrap_or(&self.url)
    }
}

/// What there is for the locale, or for its language.
fn in_locale<'a>(texts: &'a BTreeMap<String, String>, locale: &str) -> Option<&'a String> {
    let language = locale.split('-').next().unwrap_or(locale);
    texts.get(locale).or_else(|| texts.get(language))
}

const fn ten() -> usize {
    10
}

const fn seven() -> i32 {
    7
}
