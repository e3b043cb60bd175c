//! Members: people and organizations, their contacts, and where they stand.

mod create;
pub(crate) mod entity;
mod look;
mod model;
mod profile;
mod tags;

pub use crate::accounts::Standing;
pub(crate) use crate::operation::{erased, not_found};
pub use create::Enrolled;
pub(crate) use create::{enrol_gift_card, normal as normal_code};
pub(crate) use look::{
    Named, NamedQuestions, ask_contacts, ask_members, ask_named, ask_named_states, the_named,
};
pub use model::{CONTACTS_MAX, Contact, Member, MemberKind, MemberRef, NewContact, NewMember};
pub use profile::{Balance, Profile, Wants};
pub use tags::TagMember;
pub(crate) use tags::{Tags, ask_tags};

use crate::context::Context;
use crate::page::{Page, PageRequest};
use crate::{Actor, ContactId, Error, MemberId, ProgramId, Result, Scope, text};
use entity::{contacts, members};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The service. Get it from [`crate::Loyalty::members`].
#[derive(Clone, Copy, Debug)]
pub struct Members<'a> {
    pub(crate) context: &'a Context,
}

impl Members<'_> {
    /// Creates a member. The external id is the idempotency key: a repeat with the same arguments
    /// returns the same member, with other arguments it is refused with `EXTERNAL_ID_TAKEN`.
    pub async fn create(self, actor: &Actor, new: NewMember) -> Result<Enrolled> {
        let mut answers = self.create_many(actor, vec![new]).await?;
        answers.pop().unwrap_or_else(|| Err(Error::internal("no answer to the one member")))
    }

    /// Creates many; each has its own result, in order.
    pub async fn create_many(
        self,
        actor: &Actor,
        new: Vec<NewMember>,
    ) -> Result<Vec<Result<Enrolled>>> {
        actor.require(Scope::MembersWrite)?;
        create::create_many(self.context, actor, &new).await
    }

    /// Fails with `MEMBER_NOT_FOUND`.
    pub async fn get(self, actor: &Actor, id: MemberId) -> Result<Member> {
        self.get_many(actor, &[id]).await?.remove(&id).ok_or_else(not_found)
    }

    /// None when there is no such member or the actor may not see it.
    pub async fn find(self, actor: &Actor, id: MemberId) -> Result<Option<Member>> {
        if actor.require_for(id, Scope::MembersRead).is_err() {
            return Ok(None);
        }
        Ok(self.get_many(actor, &[id]).await?.remove(&id))
    }

    pub async fn find_by_external_id(
        self,
        actor: &Actor,
        external_id: &str,
    ) -> Result<Option<Member>> {
        actor.require(Scope::MembersRead)?;
        // No member has such an external id, and not every database takes any text.
        if !text::is_identifier(external_id) {
            return Ok(None);
        }
        let model = members::Entity::find()
            .filter(members::Column::ProgramId.eq(actor.program()))
            .filter(members::Column::ExternalId.eq(external_id))
            .one(self.context.db.read())
            .await?;
        match model {
            Some(members::Model { merged_into: Some(survivor), .. }) => {
                self.get(actor, survivor).await.map(Some)
            }
            model => model.map(members::Model::into_member).transpose(),
        }
    }

    /// The id of a member named by our id or the operator's. Fails with `MEMBER_NOT_FOUND`.
    pub async fn resolve(self, actor: &Actor, member: &MemberRef) -> Result<MemberId> {
        match member {
            MemberRef::Id(id) => self.get(actor, *id).await.map(|member| member.id),
            MemberRef::ExternalId(external_id) => {
                let found = self.find_by_external_id(actor, external_id).await?;
                found.map(|member| member.id).ok_or_else(not_found)
            }
        }
        .map_err(|error| error.at("member"))
    }

    /// Which of these external ids members have.
    pub async fn existing(self, actor: &Actor, external_ids: &[String]) -> Result<HashSet<String>> {
        actor.require(Scope::MembersRead)?;
        let found: Vec<String> = members::Entity::find()
            .select_only()
            .column(members::Column::ExternalId)
            .filter(members::Column::ProgramId.eq(actor.program()))
            .filter(members::Column::ExternalId.is_in(external_ids.iter().map(String::as_str)))
            .into_tuple()
            .all(self.context.db.read())
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Members by id; unknown ids are left out, and who was merged is the survivor.
    pub async fn get_many(
        self,
        actor: &Actor,
        ids: &[MemberId],
    ) -> Result<HashMap<MemberId, Member>> {
        actor.require_for_all(ids, Scope::MembersRead)?;
        let models = self.models(actor.program(), ids).await?;
        let survivors: Vec<_> = models.iter().filter_map(|model| model.merged_into).collect();
        let survivors = match survivors.is_empty() {
            true => Vec::new(),
            false => self.models(actor.program(), &survivors).await?,
        };
        let survivor = |id| survivors.iter().find(|model| model.id == id).cloned();
        let mut members = HashMap::with_capacity(models.len());
        for model in models {
            let id = model.id;
            let meant = model.merged_into.map_or(Some(model), survivor);
            if let Some(meant) = meant {
                members.insert(id, meant.into_member()?);
            }
        }
        Ok(members)
    }

    async fn models(self, program: ProgramId, ids: &[MemberId]) -> Result<Vec<members::Model>> {
        Ok(members::Entity::find()
            .filter(members::Column::ProgramId.eq(program))
            .filter(members::Column::Id.is_in(ids.iter().copied()))
            .all(self.context.db.read())
            .await?)
    }

    /// Newest first, without those who were merged or erased, and without gift cards.
    pub async fn list(self, actor: &Actor, page: PageRequest<MemberId>) -> Result<Page<Member>> {
        actor.require(Scope::MembersRead)?;
        let mut query =
            members::Entity::find().filter(members::Column::ProgramId.eq(actor.program()));
        query = query
            .filter(members::Column::MergedInto.is_null())
            .filter(members::Column::ErasedAt.is_null())
            .filter(members::Column::Kind.ne(MemberKind::GiftCard.as_str()));
        if let Some(after) = page.after {
            query = query.filter(members::Column::Id.lt(after));
        }
        let query = query.order_by_desc(members::Column::Id).limit(page.first + 1);
        let models = query.all(self.context.db.read()).await?;
        Page::of(models, page.first).try_map(members::Model::into_member)
    }

    /// The contacts of many organizations, each in the order they were given.
    pub async fn contacts_many(self, actor: &Actor, members: &[MemberId]) -> Result<Vec<Contact>> {
        actor.require_for_all(members, Scope::MembersRead)?;
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let models = contacts::Entity::find()
            .filter(contacts::Column::ProgramId.eq(actor.program()))
            .filter(contacts::Column::MemberId.is_in(members.iter().copied()))
            .order_by_asc(contacts::Column::Position)
            .all(self.context.db.read())
            .await?;
        Ok(models.into_iter().map(Contact::from).collect())
    }

    /// A contact; none when it does not exist or the actor may not see it.
    pub async fn find_contact(self, actor: &Actor, id: ContactId) -> Result<Option<Contact>> {
        let model =
            contacts::Entity::find_by_id((actor.program(), id)).one(self.context.db.read()).await?;
        let found = model.map(Contact::from);
        Ok(found.filter(|found| actor.require_for(found.member_id, Scope::MembersRead).is_ok()))
    }

    /// A member with where it stands and what it can spend, in one look. Fails with
    /// `MEMBER_NOT_FOUND`.
    pub async fn profile(self, actor: &Actor, member: MemberId, wants: Wants) -> Result<Profile> {
        let found = self.profiles(actor, &[member], wants).await?.remove(&member);
        found.ok_or_else(not_found)
    }

    /// Many members with where they stand; unknown ids are left out.
    pub async fn profiles(
        self,
        actor: &Actor,
        members: &[MemberId],
        wants: Wants,
    ) -> Result<BTreeMap<MemberId, Profile>> {
        actor.require_for_all(members, Scope::MembersRead)?;
        profile::profiles(self.context, actor.program(), members, wants).await
    }
}
