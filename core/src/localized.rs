//! Text in several languages, and which of them a reader gets.

use perennial_contract::locales::lookup;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One text per locale (BCP 47), as in `name = { en = "Gold", de = "Gold" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Localized(BTreeMap<String, String>);

impl Localized {
    /// The text in the first of the languages that it is in, most preferred first; else in English,
    /// else in any. Callers name the program's own language last.
    pub fn get<'l>(&self, languages: impl IntoIterator<Item = &'l str>) -> &str {
        lookup(&self.0, languages).map_or("", |(_, text)| text)
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

#[cfg(test)]
mod tests {
    use super::Localized;

    #[test]
    fn without_any_text_there_is_none() {
        assert_eq!(Localized::default().get(["en"]), "");
    }
}
