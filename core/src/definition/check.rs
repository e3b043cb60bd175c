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
        if name.is_empty() { Err(self.wrong(id, "has no name in any language")) } else { Ok(name) }
    }

    pub(crate) fn positive(&self, points: &Spanned<i64>) -> Result<Points> {
        if *points.get_ref() < 1 {
            return Err(self.at(points.span(), "points must be a whole number above zero"));
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
