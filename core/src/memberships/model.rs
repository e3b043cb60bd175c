//! Memberships, and what is asked for about them.

use crate::db::{Field, Kind, push, row};
use crate::members::MemberRef;
use crate::{Error, MemberId, MembershipId, Result, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

/// The most groups that a person belongs to at a time.
pub const GROUPS_MAX: usize = 10;

/// Whose account gets what a person's purchases earn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Accrual {
    /// The person's.
    Member,
    /// The group's.
    Group,
    /// Both, each all of it.
    Both,
}

row! {
    /// That a person belongs to a group, or did.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Membership in "memberships" {
        pub id: MembershipId,
        pub group_id: MemberId,
        pub person_id: MemberId,
        pub accrual: Accrual,
        /// Whether the person may spend the group's points.
        pub may_spend: bool,
        pub joined_at: Timestamp,
        /// None while the person belongs to the group.
        pub left_at: Option<Timestamp>,
    }
}

/// A request to let a person belong to a group.
#[derive(Clone, Debug)]
pub struct JoinGroup {
    pub group: MemberRef,
    pub person: MemberRef,
    pub accrual: Accrual,
    pub may_spend: bool,
    /// The program's now when absent. What the person bought since accrues by the membership, if it
    /// is recorded after this. Earlier than that of a membership that holds, it is put right there.
    pub joined_at: Option<Timestamp>,
}

/// A request to change on which terms a person belongs to a group. What is absent stays.
#[derive(Clone, Debug)]
pub struct ChangeMembership {
    pub group: MemberRef,
    pub person: MemberRef,
    pub accrual: Option<Accrual>,
    pub may_spend: Option<bool>,
}

/// A request to let a person belong to a group no longer.
#[derive(Clone, Debug)]
pub struct LeaveGroup {
    pub group: MemberRef,
    pub person: MemberRef,
}

impl Accrual {
    const ALL: [Self; 3] = [Self::Member, Self::Group, Self::Both];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "MEMBER",
            Self::Group => "GROUP",
            Self::Both => "BOTH",
        }
    }

    /// Whether the person gets it.
    pub(crate) const fn is_own(self) -> bool {
        matches!(self, Self::Member | Self::Both)
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|accrual| accrual.as_str() == text);
        found.ok_or_else(|| Error::internal(format!("nobody accrues by `{text}`")))
    }
}

impl Field for Accrual {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut String) {
        push(json, self.as_str());
    }

    fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(column)?).map_err(serde::de::Error::custom)
    }
}
