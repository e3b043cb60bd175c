//! Contacts: the people who act for an organization.

use crate::scalars::LanguageTag;
use async_graphql::{ID, InputObject, SimpleObject};
use perennial_core::members::{self, NewContact};

/// A person who acts for an organization.
#[derive(Debug, SimpleObject)]
pub(crate) struct Contact {
    /// The contact's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The contact's display name.
    name: String,
    /// Email address.
    email: Option<String>,
    /// The contact's role, such as `technical-engineer` or `procurement-director`.
    role: String,
    /// The language for messages to the contact.
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

/// A person who acts for an organization.
#[derive(Debug, InputObject)]
pub(crate) struct ContactInput {
    /// The contact's display name.
    name: String,
    /// Email address.
    email: Option<String>,
    /// The contact's role, such as `technical-engineer` or `procurement-director`.
    role: String,
    /// The language for messages to the contact. Default: the member's language.
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
