//! How an input names a member.

use async_graphql::{ID, OneofObject};
use perennial_core::members::MemberRef;
use perennial_core::{Error, MemberId, Result};

/// A member by `id` or `externalId`.
#[derive(Debug, OneofObject)]
pub(crate) enum MemberRefInput {
    /// The member's id.
    Id(ID),
    /// Identifier in the operator's own system.
    ExternalId(String),
}

impl MemberRefInput {
    /// The member that the field `member` of an input names. Fails with `INVALID_ID`.
    pub(crate) fn parse(self) -> Result<MemberRef> {
        self.parse_at("member")
    }

    /// The same of another field.
    pub(crate) fn parse_at(self, field: &str) -> Result<MemberRef> {
        match self {
            Self::Id(id) => member_id(&id, &format!("{field}.id")).map(MemberRef::Id),
            Self::ExternalId(external_id) => Ok(MemberRef::ExternalId(external_id)),
        }
    }
}

/// A member's id as it was given in `field`.
pub(crate) fn member_id(id: &ID, field: &str) -> Result<MemberId> {
    id.parse().map_err(|error: Error| error.at(field))
}
