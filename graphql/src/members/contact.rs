//! Who acts for an organization.

use crate::scalars::LanguageTag;
use async_graphql::{ID, InputObject, SimpleObject};
use perennial_core::members::{self, NewContact};

/// Somebody who acts for an organization.
#[derive(Debug, SimpleObject)]
pub(crate) struct Contact {
    /// The contact's id.
    id: ID,
    /// What the contact is called.
    name: String,
    /// Where to write to.
    email: Option<String>,
    /// `technical-engineer`, `procurement-director`…
    role: String,
    /// The language to write in.
    locale: LanguageTag,
}

impl From<members::Contact> for Contact {
    fn from(contact: members::Contact) -> Self {
        Self {
            id: contact.id.to_string().into(),
            name: contact.name,
            email: contact.email,
            role: contact.role,
            locale: LanguageTag(contact.locale),
        }
    }
}

/// Somebody who acts for an organization.
#[derive(Debug, InputObject)]
pub(crate) struct ContactInput {
    /// What the contact is called.
    name: String,
    /// Where to write to.
    email: Option<String>,
    /// `technical-engineer`, `procurement-director`…
    role: String,
    /// The language to write in; the member's when absent.
    locale: Option<LanguageTag>,
}

impl From<ContactInput> for NewContact {
    fn from(input: ContactInput) -> Self {
        Self {
            name: input.name,
            email: input.email,
            role: input.role,
            locale: input.locale.map(|LanguageTag(tag)| tag),
        }
    }
}
