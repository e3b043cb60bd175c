//! The definition of a program: what `program.toml` says, checked as a whole before anything uses
//! it.
//!
//! The head – name, zone, currency – is here. Everything else is a *section*, which belongs to the
//! domain that it configures: the domain's folder has its form in the file, its checks and its
//! accessor, and `programs/assemble.rs` lists them.

mod check;
mod form;
mod mistakes;

pub(crate) use check::Check;
pub(crate) use form::read;
pub(crate) use mistakes::Mistakes;

use crate::localized::Localized;
use crate::{Currency, Error, Result, Timestamp};
use jiff::tz::TimeZone;
use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;

/// A checked program file. Immutable: a change is a new revision.
#[derive(Debug)]
pub struct Definition {
    pub slug: String,
    pub name: Localized,
    /// Whether the program lives by a test clock.
    pub is_sandbox: bool,
    /// Where a sandbox's test clock stands when the program is created; at the server's now when
    /// absent.
    pub clock_starts_at: Option<Timestamp>,
    pub zone: TimeZone,
    pub currency: Currency,
    /// Whether a purchase of zero earns, counts in tiers and completes a referral.
    pub counts_free_purchases: bool,
    /// Whether two members may not have the same e-mail address.
    pub unique_emails: bool,
    /// BCP 47; for members who have none of their own.
    pub locale: String,
    pub(crate) sections: Sections,
}

/// What the domains made of their parts of the file, one value of a type each.
#[derive(Debug, Default)]
pub(crate) struct Sections(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Sections {
    pub(crate) fn with<S: Any + Send + Sync>(mut self, section: S) -> Self {
        self.0.insert(TypeId::of::<S>(), Box::new(section));
        self
    }
}

impl Definition {
    /// A section. Every definition is assembled with all of them.
    pub(crate) fn section<S: Any>(&self) -> &S {
        let section = self.sections.0.get(&TypeId::of::<S>());
        section
            .and_then(|section| section.downcast_ref())
            .unwrap_or_else(|| unreachable!("the section {} is not assembled", type_name::<S>()))
    }
}

/// Reads a program file. Fails with `PROGRAM_FILE_INVALID`, naming all that is wrong.
pub(crate) type Assemble = fn(&str) -> Result<Definition, Error>;
