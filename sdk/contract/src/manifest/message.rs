//! A message, or the reason of points: a text in the language that fits its reader best, filled with
//! what a call brings.

use super::{Manifest, Texts, template};
use crate::limits::TEXT_BYTES;
use crate::locales::{lookup, primary};
use std::collections::BTreeSet;

/// What a reader gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The locale that the text is in.
    pub locale: String,
    pub subject: String,
    pub body: String,
}

impl Manifest {
    /// The names of all templates.
    pub fn templates(&self) -> BTreeSet<&str> {
        let in_files = self.locales.values().flat_map(Texts::templates);
        self.messages.keys().map(String::as_str).chain(in_files).collect()
    }

    /// The locales that a template has a text in.
    pub fn languages(&self, template: &str) -> BTreeSet<&str> {
        let in_files = self.locales.iter().filter(|(_, texts)| texts.has(template));
        let in_manifest = self.messages.get(template).into_iter().flatten();
        in_files
            .map(|(locale, _)| locale)
            .chain(in_manifest.map(|(locale, _)| locale))
            .map(String::as_str)
            .collect()
    }

    /// A template in the first of `locales` that it is in, most preferred first; else in English, else
    /// in any. Numbers and dates are written as in the first of `locales` in the text's language.
    ///
    /// Fails if there is no such template, with a parameter that has no value or one of the wrong kind,
    /// and if the filled text is too long.
    pub fn fill(
        &self,
        template: &str,
        locales: &[&str],
        parameters: &[(String, String)],
    ) -> Result<Filled, String> {
        let preferred = locales.iter().copied();
        let texts = self.locales.iter().filter(|(_, texts)| texts.has(template));
        if let Some((locale, texts)) = lookup(texts, preferred.clone()) {
            let reader = reader(locale, locales);
            if let Some(filled) = texts.fill(template, locale, reader, parameters) {
                let (subject, body) = filled?;
                return Ok(Filled { locale: locale.to_owned(), subject, body });
            }
        }
        let texts = self.messages.get(template).and_then(|texts| lookup(texts, preferred));
        let without = || format!("the manifest has no message template `{template}`");
        let (locale, text) = texts.ok_or_else(without)?;
        let subject = template::render(&text.subject, parameters)?;
        let body = template::render(&text.body, parameters)?;
        Ok(Filled { locale: locale.to_owned(), subject, body })
    }

    /// The reason of points, in the same way. Fails in the same cases.
    pub fn reason(
        &self,
        reason: &str,
        locales: &[&str],
        parameters: &[(String, String)],
    ) -> Result<String, String> {
        let texts = self.locales.iter().filter(|(_, texts)| texts.has_reason(reason));
        let filled = lookup(texts, locales.iter().copied()).and_then(|(locale, texts)| {
            texts.reason(reason, locale, reader(locale, locales), parameters)
        });
        let said = filled.unwrap_or_else(|| Err(format!("`locales` has no reason `{reason}`")))?;
        match said.len() {
            bytes if bytes > TEXT_BYTES => {
                Err(format!("the reason has {bytes} bytes; at most {TEXT_BYTES} are allowed"))
            }
            _ => Ok(said),
        }
    }
}

/// By whose conventions numbers and dates of a text in `locale` are written.
fn reader<'l>(locale: &'l str, locales: &[&'l str]) -> &'l str {
    let speaks_it = |reader: &&str| primary(reader).eq_ignore_ascii_case(primary(locale));
    locales.iter().copied().find(speaks_it).unwrap_or(locale)
}
