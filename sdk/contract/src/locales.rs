//! Which of several languages a reader gets.

/// The language of those for whom nothing else fits.
const ENGLISH: &str = "en";

/// What texts by their locales have for the first of the languages that it has anything for; else in
/// English, else in any; with the locale that it is in.
///
/// Each language is looked up as RFC 4647 (3.4) says, from `de-CH-1996` over `de-CH` to `de`. Where
/// that finds nothing, a sister is better than another language: Portuguese of Brazil for a reader
/// of Portuguese.
pub fn lookup<'m, 'l, T: 'm>(
    texts: impl IntoIterator<Item = (&'m String, &'m T), IntoIter: Clone>,
    languages: impl IntoIterator<Item = &'l str>,
) -> Option<(&'m str, &'m T)> {
    let mut texts = texts.into_iter();
    let mut languages = languages.into_iter().chain([ENGLISH]);
    let found = languages.find_map(|language| in_language(texts.clone(), language));
    let found = found.or_else(|| texts.next());
    found.map(|(locale, text)| (locale.as_str(), text))
}

fn in_language<'m, T: 'm>(
    mut texts: impl Iterator<Item = (&'m String, &'m T)> + Clone,
    language: &str,
) -> Option<(&'m String, &'m T)> {
    let mut range = language;
    loop {
        let exact = texts.clone().find(|(locale, _)| locale.eq_ignore_ascii_case(range));
        if exact.is_some() {
            return exact;
        }
        let Some(shorter) = shortened(range) else { break };
        range = shorter;
    }
    texts.find(|(locale, _)| primary(locale).eq_ignore_ascii_case(range))
}

/// A range without its last subtag, and without a single letter that would then end it.
fn shortened(range: &str) -> Option<&str> {
    let (shorter, _) = range.rsplit_once('-')?;
    match shorter.rsplit_once('-') {
        Some((before, last)) if last.len() == 1 => Some(before),
        _ => Some(shorter),
    }
}

/// The language of a locale alone.
pub fn primary(locale: &str) -> &str {
    locale.split('-').next().unwrap_or(locale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn found(locales: &[&str], languages: &[&str]) -> Option<String> {
        let texts: BTreeMap<_, _> = locales.iter().map(|it| ((*it).to_owned(), ())).collect();
        lookup(&texts, languages.iter().copied()).map(|(locale, ())| locale.to_owned())
    }

    #[test]
    fn a_text_is_in_the_nearest_language_that_it_has() {
        for (locales, languages, expected) in [
            (&["en", "de", "de-CH"][..], &["de-CH"][..], "de-CH"),
            (&["en", "de"], &["de-CH-1996"], "de"),
            (&["en", "zh-Hant"], &["zh-Hant-CN-x-private1"], "zh-Hant"),
            (&["en", "pt-BR"], &["PT-br"], "pt-BR"),
            // A sister before another language, a mother before a sister.
            (&["en", "pt-BR"], &["pt-PT"], "pt-BR"),
            (&["en", "pt", "pt-BR"], &["pt-PT"], "pt"),
            // The preferred language in any form before the next one in its exact form.
            (&["en", "fr", "pt"], &["pt-BR", "fr"], "pt"),
            (&["en", "fr"], &["pt-BR", "fr"], "fr"),
            (&["en", "fr", "de"], &["pl", "de"], "de"),
            // English where nothing fits, and where there is none, the first.
            (&["de", "en-GB", "fr"], &["pl"], "en-GB"),
            (&["de", "fr"], &["pl"], "de"),
            (&["de", "fr"], &["*", ""], "de"),
            (&["de", "fr"], &[], "de"),
        ] {
            let found = found(locales, languages);
            assert_eq!(found.as_deref(), Some(expected), "{languages:?}");
        }
        assert_eq!(found(&[], &["en"]), None);
    }
}
