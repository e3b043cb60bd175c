//! Members, for the operator.

mod create;

pub(crate) use create::MemberMutation;

use super::events::Event;
use super::ledger::Transaction;
use super::messages::Message;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::scalars::CountryCode;
use crate::shared::{Profile, Record};
use async_graphql::{Context, ID, MergedObject, Object, OneofObject, Result};
use perennial_core::members::{self, MemberRef};
use perennial_core::messages::MessageFilter;
use perennial_core::{Code, Error, MemberId, Result as CoreResult};

/// Somebody who takes part in the program.
#[derive(Debug, MergedObject)]
pub(super) struct Member(Profile, MemberRecord);

impl Member {
    pub(super) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.0.id.to_string().into())
    }
}

impl From<members::Member> for Member {
    fn from(member: members::Member) -> Self {
        Self(Profile(member.clone()), MemberRecord(member))
    }
}

/// A member by our id or by the operator's.
#[derive(Debug, OneofObject)]
pub(super) enum MemberRefInput {
    /// The member's id.
    Id(ID),
    /// The operator's own key of the member.
    ExternalId(String),
}

impl MemberRefInput {
    pub(super) fn parse(self) -> CoreResult<MemberRef> {
        match self {
            Self::Id(id) => member_id(&id, "member.id").map(MemberRef::Id),
            Self::ExternalId(external_id) => Ok(MemberRef::ExternalId(external_id)),
        }
    }
}

/// A member's id as it was given in `field`.
pub(super) fn member_id(id: &ID, field: &str) -> CoreResult<MemberId> {
    id.parse().map_err(|error: Error| error.at(field))
}

#[derive(Debug, Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// A member by our id or by the operator's; none when there is no such member.
    async fn member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member's id.")] id: Option<ID>,
        #[graphql(desc = "The operator's own key of the member.")] external_id: Option<String>,
    ) -> Result<Option<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = match (id, external_id) {
            (Some(id), None) => loyalty.members().get(actor, member_id(&id, "id")?).await,
            (None, Some(external_id)) => {
                let found = loyalty.members().find_by_external_id(actor, &external_id).await?;
                return Ok(found.map(Member::from));
            }
            _ => Err(Error::new(Code::InvalidInput, "give either an id or an externalId")),
        };
        match found {
            Ok(member) => Ok(Some(member.into())),
            Err(error) if error.code() == Code::MemberNotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All members, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = loyalty.members().list(actor, page(first, after.as_deref())?).await?;
        Ok(connection(found, after.as_deref(), |member| member.id, Member::from))
    }
}

/// What only the operator sees of a member.
#[derive(Debug)]
pub(crate) struct MemberRecord(members::Member);

#[Object]
impl MemberRecord {
    /// Where to write to.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Where the member is.
    async fn country(&self) -> Option<CountryCode> {
        self.0.country.clone().map(CountryCode)
    }

    /// What changed the member's points, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Transaction>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.ledger().of_member(actor, self.0.id, page).await?;
        Ok(connection(found, after.as_deref(), |one| one.id, Transaction::from))
    }

    /// The member's machines, subscriptions, offers and whatever else plugins declare, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "type", desc = "Only records of this type.")] record_type: Option<String>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Record>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let records = loyalty.records();
        let found = records.of_member(actor, self.0.id, record_type.as_deref(), page).await?;
        Ok(connection(found, after.as_deref(), |record| record.id, Record::from))
    }

    /// What the member and its contacts were told, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only messages from this template.")] template: Option<String>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Message>> {
        let (loyalty, actor) = ctx.caller()?;
        let filter = MessageFilter { member: Some(self.0.id), template };
        let page = page(first, after.as_deref())?;
        let found = loyalty.messages().list(actor, &filter, page).await?;
        Ok(connection(found, after.as_deref(), |message| message.id, Message::from))
    }

    /// What happened to the member, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Event>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.events().of_member(actor, self.0.id, page).await?;
        Ok(connection(found, after.as_deref(), |event| event.id, Event::from))
    }
}
