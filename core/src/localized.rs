//! Text in several languages.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One text per locale (BCP 47), as in `name = { en = "Gold", de = "Gold" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Localized(BTreeMap<String, String>);

impl Localized {
    /// The text in `locale`, else in its language, else in English, else in any language.
    pub fn get(&self, locale: &str) -> &str {
        let language = locale.split('-').next().unwrap_or(locale);
        [locale, language, "en"]
            .iter()
            .find_map(|key| self.0.get(*key))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// Whether there is a text in `locale`, or in its language.
    pub(crate) fn speaks(&self, locale: &str) -> bool {
        let language = locale.split('-').next().unwrap_or(locale);
        self.0.contains_key(locale) || self.0.contains_key(language)
    }

    /// The texts by their tags.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tag, text)| (tag.as_str(), text.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
