//! What every call receives: configuration, time, state, and the member that the call is about.

use crate::{Date, Failure, Json};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

/// What every call receives. A retry of an event has the same `now`, `today` and `seed`; the member
/// and the state are as they are when the call is made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context<C> {
    /// The program's slug, its name in addresses and tokens.
    pub program: String,
    /// The number of the program revision in force.
    pub revision: u32,
    /// The instant that the call is about: when the event happened, when the purchase was made, or,
    /// in `view`, the program's current time.
    pub now: Timestamp,
    /// `now` in the program's time zone.
    pub today: Date,
    /// The only source of randomness. Derived from program, plugin and event; in `appraise` from
    /// the purchase's reference, in `view` from the member's id, instead of the event.
    pub seed: u64,
    /// The plugin's configuration in the program file.
    pub config: C,
    /// The member that the call is about. None for an event without a member.
    pub member: Option<Member>,
    /// The event being handled; none in `appraise` and `view`.
    pub event: Option<EventOrigin>,
    pub(crate) state: Option<Json>,
}

/// Identifies the event being handled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventOrigin {
    /// The platform's id of the event.
    pub id: String,
    /// When it happened: the same instant as [`Context::now`], and earlier than the time of the
    /// call if the event was reported late.
    pub occurred_at: Timestamp,
}

impl<C> Context<C> {
    /// The member. Fails with `no-member` for an event without a member.
    pub fn member(&self) -> Result<&Member, Failure> {
        self.member
            .as_ref()
            .ok_or_else(|| Failure::new("no-member", "the event is not about a member"))
    }

    /// What the plugin last stored with [`Actions::set_state`](crate::Actions::set_state) for the
    /// subject of the call: the record that the event is about, otherwise the member. Fails with
    /// `unexpected-json` if it does not fit `T`.
    pub fn state<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        self.state.as_ref().map(Json::read).transpose()
    }

    /// Like [`state`](Self::state), with the default of `T` if nothing is stored.
    pub fn state_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Failure> {
        Ok(self.state()?.unwrap_or_default())
    }
}

/// One person, or several who are a member together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A natural person.
    Person,
    /// A company or another body, with contacts who act for it; a household, too.
    Organization,
}

/// A member as plugins see one: without name and address, which plugins never receive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// The platform's id of the member.
    pub id: String,
    /// The operator's own id of the member.
    pub external_id: String,
    /// Whether it is a person or an organization.
    pub kind: MemberKind,
    /// A BCP 47 language tag, such as `pt-BR`.
    pub locale: String,
    /// The id of the member's tier in the program file; none below the first tier.
    pub tier: Option<String>,
    /// The points that the member can spend now.
    pub points: i64,
    /// How many purchases were recorded.
    pub purchases: i64,
    /// What all purchases came to, in minor units of the program's currency.
    pub spent_minor: i64,
    /// The day on which the member joined, in the program's time zone.
    pub joined_on: Date,
    /// The day of the latest purchase, in the program's time zone.
    pub last_purchase_on: Option<Date>,
    /// The contacts of an organization. Empty without the capability `contacts`, and in `appraise`.
    pub contacts: Vec<Contact>,
    /// The member's tags, in alphabetical order. Empty without the capability `tags`.
    pub tags: Vec<String>,
}

impl Member {
    /// Whether the member has a tag. Never without the capability `tags`.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| known == tag)
    }

    /// The first contact with the first of `roles` that any contact has.
    pub fn contact_by_role<'a>(&'a self, roles: &[impl AsRef<str>]) -> Option<&'a Contact> {
        roles
            .iter()
            .find_map(|role| self.contacts.iter().find(|contact| contact.role == role.as_ref()))
    }
}

/// A person who acts for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// The contact's id, as [`Message::to_contact`](crate::Message::to_contact) takes it.
    pub id: String,
    /// The role as the operator recorded it, such as `technical-engineer`.
    pub role: String,
    /// A BCP 47 language tag, such as `pt-BR`.
    pub locale: String,
}
