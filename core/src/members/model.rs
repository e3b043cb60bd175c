//! Members: people, and the organizations and households that people belong to; and the contacts
//! who act for an organization.

use crate::operation::ComesBy;
use crate::text::{self, invalid};
use crate::{Code, ContactId, Error, MemberId, Result, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

/// The most contacts that one organization may have.
pub const CONTACTS_MAX: usize = 100;

/// Somebody who takes part in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    /// An identifier from the operator's own system; unique in the program.
    pub external_id: String,
    pub kind: MemberKind,
    pub name: String,
    pub email: Option<String>,
    /// BCP 47.
    pub locale: String,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What the member hands to friends.
    pub referral_code: String,
    pub joined_at: Timestamp,
    /// What operators and plugins call it.
    pub tags: BTreeSet<String>,
    /// When its personal data was given up; then nothing else of it says anything.
    pub erased_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberKind {
    Person,
    Organization,
    /// People who collect points together.
    Household,
    /// Nobody: whoever has the card's code. It is made with the card.
    GiftCard,
}

impl MemberKind {
    /// Whether people can belong to such a member.
    pub const fn is_group(self) -> bool {
        matches!(self, Self::Organization | Self::Household)
    }
}

/// A member by our id or by the operator's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum MemberRef {
    Id(MemberId),
    ExternalId(String),
}

impl MemberRef {
    /// Fails with `INVALID_INPUT` at `member` when this cannot name anybody.
    pub(crate) fn check(&self) -> Result<()> {
        self.check_at("member")
    }

    /// The same at another field.
    pub(crate) fn check_at(&self, field: &str) -> Result<()> {
        match self {
            Self::Id(_) => Ok(()),
            Self::ExternalId(external_id) => text::identifier(field, external_id),
        }
    }

    pub(crate) fn comes_by(&self) -> ComesBy<'_> {
        match self {
            Self::Id(id) => ComesBy::Id(*id),
            Self::ExternalId(name) => ComesBy::Name(name),
        }
    }
}

/// Somebody who acts for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub id: ContactId,
    pub member_id: MemberId,
    pub name: String,
    pub email: Option<String>,
    /// `technical-engineer`, `procurement-director`…
    pub role: String,
    pub locale: String,
}

/// A member to be.
#[derive(Clone, Debug, Serialize)]
pub struct NewMember {
    pub external_id: String,
    pub kind: MemberKind,
    pub name: String,
    pub email: Option<String>,
    /// The program's when absent.
    pub locale: Option<String>,
    pub country: Option<String>,
    pub contacts: Vec<NewContact>,
    /// The referrer's code.
    pub referral_code: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct NewContact {
    pub name: String,
    pub email: Option<String>,
    pub role: String,
    pub locale: Option<String>,
}

impl NewMember {
    /// A person of whom nothing but the key is known, as an import meets them.
    pub fn unnamed(external_id: &str) -> Self {
        Self {
            external_id: external_id.to_owned(),
            kind: MemberKind::Person,
            name: external_id.to_owned(),
            email: None,
            locale: None,
            country: None,
            contacts: Vec::new(),
            referral_code: None,
        }
    }

    /// Fails with `INVALID_INPUT` or `TOO_MANY`, naming the field.
    pub(super) fn check(&self) -> Result<()> {
        text::identifier("externalId", &self.external_id)?;
        if self.kind == MemberKind::GiftCard {
            return Err(invalid("kind", "a gift card is made by `issueGiftCard`"));
        }
        text::name("name", &self.name)?;
        email(self.email.as_deref())?;
        locale(self.locale.as_deref())?;
        self.country.as_deref().map_or(Ok(()), |country| text::country("country", country))?;
        if self.kind != MemberKind::Organization && !self.contacts.is_empty() {
            return Err(invalid("contacts", "only an organization has contacts"));
        }
        if self.contacts.len() > CONTACTS_MAX {
            return Err(Error::new(Code::TooMany, format!("at most {CONTACTS_MAX} contacts"))
                .at("contacts"));
        }
        for (index, contact) in self.contacts.iter().enumerate() {
            contact.check().map_err(|error| error.at(index.to_string()).at("contacts"))?;
        }
        Ok(())
    }
}

impl NewContact {
    fn check(&self) -> Result<()> {
        text::name("name", &self.name)?;
        text::name("role", &self.role)?;
        email(self.email.as_deref())?;
        locale(self.locale.as_deref())
    }
}

/// An address is only known to work once mail has arrived; this catches what cannot be one.
fn email(value: Option<&str>) -> Result<()> {
    let plausible = |value: &str| {
        let parts = value.split_once('@');
        value.len() <= 254
            && !value.contains(|c: char| c.is_whitespace() || c.is_control())
            && parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
    };
    match value {
        Some(value) if !plausible(value) => {
            Err(invalid("email", "this cannot be an e-mail address"))
        }
        _ => Ok(()),
    }
}

fn locale(value: Option<&str>) -> Result<()> {
    value.map_or(Ok(()), |value| text::language("locale", value))
}

#[cfg(test)]
impl Member {
    pub(crate) fn sample() -> Self {
        Self {
            id: MemberId::new(),
            external_id: "ada".into(),
            kind: MemberKind::Person,
            name: "Ada".into(),
            email: None,
            locale: "en".into(),
            country: None,
            referral_code: "CODE".into(),
            joined_at: "2026-01-01T00:00:00Z".parse().expect("a literal instant"),
            tags: BTreeSet::new(),
            erased_at: None,
        }
    }
}
