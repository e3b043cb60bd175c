//! The tables `members` and `contacts`.

#![expect(unreachable_pub, reason = "sea-orm's derives ask for `pub` inside the module")]

use super::model::{Contact, Member, MemberKind};
use super::tags::tags_of;
use crate::db::{Field, Kind, push};
use crate::{ContactId, Error, MemberId, ProgramId, Result, Timestamp};
use serde::{Deserialize, Deserializer};

pub(crate) mod members {
    use super::{MemberId, ProgramId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: ProgramId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MemberId,
        pub external_id: String,
        pub kind: String,
        pub name: String,
        pub email: Option<String>,
        pub locale: String,
        pub country: Option<String>,
        pub referral_code: String,
        pub arguments_hash: Vec<u8>,
        pub joined_at: Timestamp,
        pub tags: Option<Json>,
        pub erased_at: Option<Timestamp>,
        pub merged_into: Option<MemberId>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod contacts {
    use super::{ContactId, MemberId, ProgramId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contacts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: ProgramId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ContactId,
        pub member_id: MemberId,
        pub position: i32,
        pub name: String,
        pub email: Option<String>,
        pub role: String,
        pub locale: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl MemberKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Organization => "ORGANIZATION",
            Self::Household => "HOUSEHOLD",
            Self::GiftCard => "GIFT_CARD",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let all = [Self::Person, Self::Organization, Self::Household, Self::GiftCard];
        let found = all.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| Error::internal(format!("a member has the kind `{text}`")))
    }
}

impl Field for MemberKind {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut String) {
        push(json, self.as_str());
    }

    fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(column)?).map_err(serde::de::Error::custom)
    }
}

impl members::Model {
    pub(crate) fn into_member(self) -> Result<Member> {
        Ok(Member {
            id: self.id,
            external_id: self.external_id,
            kind: MemberKind::parse(&self.kind)?,
            name: self.name,
            email: self.email,
            locale: self.locale,
            country: self.country,
            referral_code: self.referral_code,
            joined_at: self.joined_at,
            tags: tags_of(self.tags),
            erased_at: self.erased_at,
        })
    }
}

impl From<contacts::Model> for Contact {
    fn from(model: contacts::Model) -> Self {
        Self {
            id: model.id,
            member_id: model.member_id,
            name: model.name,
            email: model.email,
            role: model.role,
            locale: model.locale,
        }
    }
}
