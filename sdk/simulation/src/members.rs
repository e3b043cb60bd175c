//! Members to start from.

use crate::program::day;
use perennial_contract::call::{self, Contact, MemberKind};
use perennial_contract::limits::TAGS;
use std::ops::{Deref, DerefMut};

/// A member of a test, with what a plugin is shown of one. Points grow by what the plugin gives, and
/// purchases are counted; all else stays as the test sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member(call::Member);

/// A person who joined on 1 January 2020 and reads English.
pub fn person() -> Member {
    Member(call::Member {
        id: "mem_person".to_owned(),
        external_id: "person".to_owned(),
        kind: MemberKind::Person,
        locale: "en".to_owned(),
        tier: None,
        points: 0,
        purchases: 0,
        spent_minor: 0,
        joined_on: day("2020-01-01"),
        last_purchase_on: None,
        contacts: Vec::new(),
        tags: Vec::new(),
    })
}

/// A company without contacts; add them with [`Member::with_contact`].
pub fn organization() -> Member {
    let mut organization = person().called("organization");
    organization.kind = MemberKind::Organization;
    organization
}

impl Member {
    /// The same member under another external id, which the id follows: `mem_ada` for `ada`.
    #[must_use]
    pub fn called(mut self, external_id: &str) -> Self {
        self.id = format!("mem_{external_id}");
        external_id.clone_into(&mut self.external_id);
        self
    }

    /// The same member with one more contact.
    #[must_use]
    pub fn with_contact(mut self, id: &str, role: &str, locale: &str) -> Self {
        let text = str::to_owned;
        self.contacts.push(Contact { id: text(id), role: text(role), locale: text(locale) });
        self
    }

    /// The same member with another language.
    #[must_use]
    pub fn with_locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }

    /// The same member in a tier, by its id in the program file.
    #[must_use]
    pub fn with_tier(mut self, tier: &str) -> Self {
        self.tier = Some(tier.to_owned());
        self
    }

    /// The same member with so many points to begin with.
    #[must_use]
    pub fn with_points(mut self, points: i64) -> Self {
        self.points = points;
        self
    }

    /// The same member with one more tag.
    #[must_use]
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.add_tag(tag);
        self
    }

    pub(crate) fn add_tag(&mut self, tag: &str) {
        if let Err(place) = self.tags.binary_search_by(|known| known.as_str().cmp(tag))
            && self.tags.len() < TAGS
        {
            self.tags.insert(place, tag.to_owned());
        }
    }

    /// The same member, who joined on another day.
    ///
    /// # Panics
    ///
    /// If `on` is not a date.
    #[must_use]
    pub fn joined_on(mut self, on: &str) -> Self {
        self.joined_on = day(on);
        self
    }
}

impl Deref for Member {
    type Target = call::Member;

    fn deref(&self) -> &call::Member {
        &self.0
    }
}

impl DerefMut for Member {
    fn deref_mut(&mut self) -> &mut call::Member {
        &mut self.0
    }
}
