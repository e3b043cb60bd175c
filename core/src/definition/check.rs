//! What every section is checked with. Whatever is wrong is said with its line.

use crate::localized::Localized;
use crate::{Code, Currency, Error, Points, Result, text};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;

/// A program file that is being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check<'a> {
    pub(crate) source: &'a str,
    pub(crate) currency: Currency,
    /// The program's own language.
    pub(crate) locale: &'a str,
    /// False for a file that was applied before: a rule that came since does not end a program.
    pub(crate) is_new: bool,
}

impl Check<'_> {
    pub(crate) fn slug(&self, value: &Spanned<String>) -> Result<String> {
        if !text::is_slug(value.get_ref()) {
            let why = "is not an id: use lower-case letters, digits and hyphens, at most 64";
            return Err(self.wrong(value, why));
        }
        Ok(value.get_ref().clone())
    }

    pub(crate) fn named(&self, name: Localized, id: &Spanned<String>) -> Result<Localized> {
        if name.is_empty() {
            return Err(self.wrong(id, "has no name in any language"));
        }
        if self.is_new {
            self.texts(&name, id)?;
        }
        Ok(name)
    }

    /// Whether each text is one that can be shown, and one is for the program's own language.
    fn texts(&self, name: &Localized, id: &Spanned<String>) -> Result<()> {
        for (tag, text) in name.texts() {
            if !text::is_language(tag) {
                let why = format!("has name.{tag}, and that is not a BCP 47 tag such as en");
                return Err(self.wrong(id, &why));
            }
            if !text::is_name(text) {
                let why = format!(
                    "has a name.{tag} that is none: use 1 to 200 printable characters, without \
                     space around them"
                );
                return Err(self.wrong(id, &why));
            }
        }
        if name.speaks(self.locale) {
            return Ok(());
        }
        let (locale, tags) = (self.locale, name.texts().map(|(tag, _)| tag).collect::<Vec<_>>());
        let why = format!(
            "has no name.{locale}, the program's own language (`locale`), but only {}",
            tags.join(", ")
        );
        Err(self.wrong(id, &why))
    }

    /// A language tag.
    pub(crate) fn language(&self, value: &Spanned<String>) -> Result<String> {
        if self.is_new && !text::is_language(value.get_ref()) {
            return Err(self.wrong(value, "is not a BCP 47 tag such as en or pt-BR"));
        }
        Ok(value.get_ref().clone())
    }

    pub(crate) fn positive(&self, points: &Spanned<i64>) -> Result<Points> {
        if *points.get_ref() < 1 {
            return Err(self.at(points.span(), "points must be a whole number above zero"));
        }
        if self.is_new && *points.get_ref() > Points::MAX.get() {
            let why = format!("points must be at most {}", Points::MAX);
            return Err(self.at(points.span(), &why));
        }
        Ok(Points::new(*points.get_ref()))
    }

    pub(crate) fn distinct<'i>(
        &self,
        ids: impl Iterator<Item = &'i Spanned<String>>,
    ) -> Result<()> {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id.get_ref()) {
                return Err(self.wrong(id, "is already the id of another"));
            }
        }
        Ok(())
    }

    pub(crate) fn wrong(&self, value: &Spanned<String>, why: &str) -> Error {
        self.at(value.span(), &format!("`{}` {why}", value.get_ref()))
    }

    pub(crate) fn at(&self, span: Range<usize>, why: &str) -> Error {
        wrong_at(self.source, span, why)
    }
}

/// An error at a place in a program file, before its currency is known.
pub(crate) fn wrong_at(source: &str, span: Range<usize>, why: &str) -> Error {
    let line = source[..span.start.min(source.len())].matches('\n').count() + 1;
    Error::new(Code::ProgramFileInvalid, format!("line {line}: {why}"))
}
