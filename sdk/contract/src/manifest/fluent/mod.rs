//! Texts in [Fluent](https://projectfluent.org), one file for each language: `locales/<locale>.ftl`.
//! A template is a message of that file, its subject and its body are the message's attributes. What
//! has neither, and a text of its own instead, is the reason of points.
//!
//! What is taken of Fluent is what a text needs that stands by itself: parameters, literals, variants
//! and the functions of [`operand`]. It refers to no other text, so filling one takes as long as it is
//! long. Nothing is wrapped into marks of direction, which senders of plain text show as boxes.

mod check;
mod conventions;
mod fill;
mod operand;
mod parse;
#[cfg(test)]
mod tests;

pub(super) use check::check;

use crate::limits::{BODY_BYTES, SUBJECT_BYTES};
use conventions::Conventions;
use fluent_syntax::ast::Pattern;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The texts of one language. They are read when they come in, wrong or not; what is wrong with
/// them [`Manifest::parse`](super::Manifest::parse) says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub struct Texts(Arc<Parsed>);

#[derive(Debug)]
struct Parsed {
    source: String,
    texts: BTreeMap<String, Text>,
    flaws: Vec<Flaw>,
}

#[derive(Debug)]
enum Text {
    Template { subject: Pattern<String>, body: Pattern<String> },
    Reason(Pattern<String>),
}

/// What is wrong, and where in the file.
#[derive(Clone, Debug)]
struct Flaw {
    line: usize,
    /// The template and its part, as far as they are known.
    at: Vec<String>,
    why: String,
}

/// What is wrong with a file in `locales`.
#[derive(Debug)]
pub(super) struct TextFlaw {
    locale: String,
    flaw: Flaw,
}

impl std::fmt::Display for TextFlaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { locale, flaw: Flaw { line, at, why } } = self;
        let at = if at.is_empty() { String::new() } else { format!(", {}", at.join(".")) };
        write!(f, "locales/{locale}.ftl: line {line}{at}: {why}")
    }
}

impl Texts {
    /// The names of the templates that there is a text of.
    pub fn templates(&self) -> impl Iterator<Item = &str> {
        let all = self.0.texts.iter();
        all.filter(|(_, text)| matches!(text, Text::Template { .. })).map(|(name, _)| name.as_str())
    }

    pub(super) fn has(&self, template: &str) -> bool {
        matches!(self.0.texts.get(template), Some(Text::Template { .. }))
    }

    pub(super) fn has_reason(&self, reason: &str) -> bool {
        matches!(self.0.texts.get(reason), Some(Text::Reason(_)))
    }

    /// Subject and body of a template. `locale` is that of the texts, `reader` the one by whose
    /// conventions numbers and dates are written. `None` if there is no such template.
    pub(super) fn fill(
        &self,
        template: &str,
        locale: &str,
        reader: &str,
        parameters: &[(String, String)],
    ) -> Option<Result<(String, String), String>> {
        let Some(Text::Template { subject, body }) = self.0.texts.get(template) else {
            return None;
        };
        let conventions = Conventions::new(locale, reader);
        let filled = |pattern| fill::fill(pattern, parameters, &conventions);
        Some(filled(subject).and_then(|subject| Ok((subject, filled(body)?))))
    }

    /// A reason, in the same way.
    pub(super) fn reason(
        &self,
        reason: &str,
        locale: &str,
        reader: &str,
        parameters: &[(String, String)],
    ) -> Option<Result<String, String>> {
        let Some(Text::Reason(pattern)) = self.0.texts.get(reason) else {
            return None;
        };
        Some(fill::fill(pattern, parameters, &Conventions::new(locale, reader)))
    }
}

impl Text {
    /// The patterns of it, each under the name of its attribute if it is one, with the most bytes of it.
    fn parts(&self) -> Vec<(Option<&'static str>, &Pattern<String>, usize)> {
        match self {
            Self::Template { subject, body } => {
                vec![(Some("subject"), subject, SUBJECT_BYTES), (Some("body"), body, BODY_BYTES)]
            }
            Self::Reason(pattern) => vec![(None, pattern, SUBJECT_BYTES)],
        }
    }

    const fn is_reason(&self) -> bool {
        matches!(self, Self::Reason(_))
    }
}

impl From<String> for Texts {
    fn from(source: String) -> Self {
        Self(Arc::new(parse::parse(source)))
    }
}

impl From<Texts> for String {
    fn from(texts: Texts) -> Self {
        texts.0.source.clone()
    }
}
