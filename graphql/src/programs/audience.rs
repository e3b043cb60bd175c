//! The texts and amounts of a program, in the language of those who read them.

use crate::money::Money;
use crate::scalars::LanguageTag;
use perennial_core::programs::{Definition, Localized, Program};
use std::sync::Arc;

/// A program's definition and the language to show it in.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    pub(crate) definition: Arc<Definition>,
    locale: String,
}

impl Audience {
    pub(crate) fn of_program(program: &Program) -> Self {
        Self::new(program, &program.definition.locale)
    }

    pub(crate) fn new(program: &Program, locale: &str) -> Self {
        Self { definition: Arc::clone(&program.definition), locale: locale.to_owned() }
    }

    /// A text in `locale`, or in the audience's own language.
    pub(crate) fn text(&self, text: &Localized, locale: Option<&LanguageTag>) -> String {
        text.get(locale.map_or(&self.locale, |LanguageTag(tag)| tag)).to_owned()
    }

    pub(crate) fn money(&self, minor: i64) -> Money {
        Money::new(self.definition.currency, minor)
    }
}
