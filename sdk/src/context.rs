//! The circumstances of a call, and the member that it is about.

use crate::{Date, Failure, Json};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

/// The circumstances of a call. A retry and a replay see the same ones.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context<C> {
    /// The program's slug.
    pub program: String,
    /// The program revision in force.
    pub revision: u32,
    /// The instant that the call is about.
    pub now: Timestamp,
    /// `now` in the program's time zone.
    pub today: Date,
    /// Derived from program, plugin and event; the only source of randomness.
    pub seed: u64,
    /// The program's configuration of the plugin.
    pub config: C,
    /// The member that the event is about, if it is about one.
    pub member: Option<Member>,
    /// The event that is handled; none in `appraise` and `view`.
    pub event: Option<EventOrigin>,
    pub(crate) state: Option<Json>,
}

/// Which event is handled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventOrigin {
    /// The platform's id.
    pub id: String,
    /// When it happened, which may be earlier than `now`.
    pub occurred_at: Timestamp,
}

impl<C> Context<C> {
    /// The member; fails for an event that is about none.
    pub fn member(&self) -> Result<&Member, Failure> {
        self.member
            .as_ref()
            .ok_or_else(|| Failure::new("no-member", "the event is about no member"))
    }

    /// What the plugin last stored with [`Actions::set_state`](crate::Actions::set_state) for the subject of the call: the record
    /// that the event is about, else the member.
    pub fn state<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        self.state.as_ref().map(Json::read).transpose()
    }

    /// The same, or the default if there is none.
    pub fn state_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Failure> {
        Ok(self.state()?.unwrap_or_default())
    }
}

/// A person or a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// Acts for itself.
    Person,
    /// Has contacts who act for it.
    Organization,
}

/// A member as plugins see one: without name and address, which stay with the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// The platform's id.
    pub id: String,
    /// The operator's id.
    pub external_id: String,
    /// Whether it is a person or an organization.
    pub kind: MemberKind,
    /// BCP 47.
    pub locale: String,
    /// The tier's id in the program file; none below the first threshold.
    pub tier: Option<String>,
    /// Points that can be spent now.
    pub points: i64,
    /// How many purchases.
    pub purchases: i64,
    /// In minor units of the program's currency.
    pub spent_minor: i64,
    /// In the program's time zone.
    pub joined_on: Date,
    /// In the program's time zone.
    pub last_purchase_on: Option<Date>,
    /// Empty unless the manifest asks for the capability `contacts`.
    pub contacts: Vec<Contact>,
}

impl Member {
    /// The first contact with the first of `roles` that anyone has.
    pub fn contact_by_role<'a>(&'a self, roles: &[impl AsRef<str>]) -> Option<&'a Contact> {
        roles
            .iter()
            .find_map(|role| self.contacts.iter().find(|contact| contact.role == role.as_ref()))
    }
}

/// Somebody who acts for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// What [`Message::to_contact`](crate::Message::to_contact) takes.
    pub id: String,
    /// `technical-engineer`, `procurement-director`…, as the operator recorded it.
    pub role: String,
    /// BCP 47.
    pub locale: String,
}
