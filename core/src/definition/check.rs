//! What every section is checked with. Whatever is wrong is kept with its place, and said with all the
//! rest: whoever gets an error here goes on with what does not depend on it.

use super::mistakes::Mistakes;
use crate::localized::Localized;
use crate::{Currency, Error, Points, Result, text};
use perennial_contract::text::nearest;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;

/// A program file that is being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check<'a> {
    pub(crate) source: &'a str,
    pub(crate) currency: Currency,
    /// The program's own language; none where it is wrong.
    pub(crate) locale: Option<&'a str>,
    /// False for a file that was applied before: a rule that came since does not end a program.
    pub(crate) is_new: bool,
    pub(crate) mistakes: &'a Mistakes,
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
        let mut checked = Ok(());
        for (tag, text) in name.texts() {
            if !text::is_language(tag) {
                let why = format!("has name.{tag}, and that is not a BCP 47 tag such as en");
                checked = Err(self.wrong(id, &why));
            }
            if !text::is_name(text) {
                let why = format!(
                    "has a name.{tag} that is none: use 1 to 200 printable characters, without \
                     space around them"
                );
                checked = Err(self.wrong(id, &why));
            }
        }
        let Some(locale) = self.locale.filter(|locale| checked.is_ok() && !name.speaks(locale))
        else {
            return checked;
        };
        let tags: Vec<_> = name.texts().map(|(tag, _)| tag).collect();
        let why = format!(
            "has no name.{locale}, the program's own language (`locale`), but only {}",
            tags.join(", ")
        );
        Err(self.wrong(id, &why))
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

    /// Money above zero, in minor units.
    pub(crate) fn positive_amount(&self, amount: &Spanned<String>) -> Result<i64> {
        let minor = self.currency.minor_units(amount.get_ref());
        let minor = minor.map_err(|error| self.at(amount.span(), error.message()))?;
        if minor <= 0 {
            return Err(self.wrong(amount, "is not an amount above zero"));
        }
        Ok(minor)
    }

    /// A number from `least` to `most`.
    pub(crate) fn within<N>(
        &self,
        key: &str,
        value: &Spanned<N>,
        (least, most): (N, N),
    ) -> Result<N>
    where
        N: Copy + PartialOrd + std::fmt::Display,
    {
        if (least..=most).contains(value.get_ref()) {
            return Ok(*value.get_ref());
        }
        Err(self.at(value.span(), &format!("{key}: use {least} to {most}")))
    }

    /// What `checked` makes of each of some things that have ids. What is wrong is left out, and whoever
    /// names it is not to blame.
    pub(crate) fn each<F, T>(
        &self,
        files: Vec<F>,
        id: impl Fn(&F) -> &Spanned<String>,
        checked: impl Fn(F) -> Result<T>,
    ) -> Vec<T> {
        self.distinct(files.iter().map(&id));
        let one = |file: F| {
            let id = id(&file).get_ref().clone();
            checked(file).inspect_err(|_| self.mistakes.doubt(id)).ok()
        };
        files.into_iter().filter_map(one).collect()
    }

    fn distinct<'i>(&self, ids: impl Iterator<Item = &'i Spanned<String>>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id.get_ref()) {
                self.wrong(id, "is already the id of another");
            }
        }
    }

    /// Of an id that names none of those that are known, which may be near to one of them.
    pub(crate) fn unknown(&self, id: &Spanned<String>, why: &str, known: &[&str]) -> Error {
        let meant = nearest(id.get_ref(), known);
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        let why = format!("`{}` {why}{meant}", id.get_ref());
        match self.mistakes.doubts(id.get_ref()) {
            true => Error::internal(why),
            false => self.at(id.span(), &why),
        }
    }

    /// What is there and wrong, which may be named all the same.
    pub(crate) fn doubtful(&self) -> Vec<String> {
        self.mistakes.doubtful()
    }

    pub(crate) fn wrong(&self, value: &Spanned<String>, why: &str) -> Error {
        self.at(value.span(), &format!("`{}` {why}", value.get_ref()))
    }

    pub(crate) fn at(&self, span: Range<usize>, why: &str) -> Error {
        self.mistakes.add(span.start, why)
    }

    /// So many bytes from the beginning of a text.
    pub(crate) fn inside(&self, text: &Spanned<String>, at: usize, why: &str) -> Error {
        let begins = self.source.get(text.span()).and_then(|raw| raw.find(text.get_ref().as_str()));
        // A text with escapes stands otherwise in the file: it is said where it begins.
        let at = begins.map_or(0, |begins| begins + at);
        self.mistakes.add(text.span().start + at, why)
    }
}
