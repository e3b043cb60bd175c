//! The texts and amounts of a program, in the languages of those who read them.

use crate::context::RequestContext;
use crate::languages::Languages;
use crate::money::Money;
use crate::scalars::LanguageTag;
use async_graphql::Context;
use perennial_core::programs::{Definition, Localized, Program};
use perennial_core::{ProgramId, Result};
use std::sync::Arc;

/// A program's definition and the languages to show it in.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    pub(crate) program: ProgramId,
    pub(crate) definition: Arc<Definition>,
    languages: Languages,
}

impl Audience {
    /// Whoever sent the request. It does not matter which way a text is reached.
    pub(crate) fn new(ctx: &Context<'_>, program: &Program) -> Self {
        Self {
            program: program.id,
            definition: Arc::clone(&program.definition),
            languages: ctx.languages().clone(),
        }
    }

    /// For the program of the token. Fails with `UNAUTHENTICATED` if the request has none.
    pub(crate) fn of_session(ctx: &Context<'_>) -> Result<Self> {
        Ok(Self::new(ctx, &ctx.session()?.program))
    }

    /// A text in `locale` if it is given, or in the languages of the request, or in the program's.
    pub(crate) fn text(&self, text: &Localized, locale: Option<&LanguageTag>) -> String {
        let asked = locale.map(|LanguageTag(tag)| tag.as_str());
        let own = self.definition.locale.as_str();
        text.get(asked.into_iter().chain(self.languages.tags()).chain([own])).to_owned()
    }

    pub(crate) fn money(&self, minor: i64) -> Money {
        Money::new(self.definition.currency, minor)
    }
}
