//! The member whose token this is.

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::shared::{MessageFacts, Profile, Record, TransactionFacts};
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::messages::MessageFilter;
use perennial_core::{MemberId, ledger, members, messages};

/// Somebody who takes part in the program.
#[derive(Debug, MergedObject)]
pub(super) struct Member(Profile, MemberLists);

/// A change of a member's points.
#[derive(Debug, MergedObject)]
pub(super) struct Transaction(TransactionFacts);

/// Something told to a member or a contact.
#[derive(Debug, MergedObject)]
pub(super) struct Message(MessageFacts);

impl Member {
    pub(super) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.0.id.to_string().into())
    }
}

impl Transaction {
    pub(super) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl Message {
    pub(super) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<members::Member> for Member {
    fn from(member: members::Member) -> Self {
        let lists = MemberLists(member.id);
        Self(Profile(member), lists)
    }
}

impl From<ledger::Transaction> for Transaction {
    fn from(transaction: ledger::Transaction) -> Self {
        Self(TransactionFacts::from(&transaction))
    }
}

impl From<messages::Message> for Message {
    fn from(message: messages::Message) -> Self {
        Self(MessageFacts::from(&message))
    }
}

#[derive(Debug, Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The member whose token this is.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        let member = loyalty.members().get(actor, ctx.session()?.member()?).await?;
        Ok(Some(member.into()))
    }
}

#[derive(Debug)]
pub(crate) struct MemberLists(MemberId);

#[Object]
impl MemberLists {
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
        let found = loyalty.ledger().of_member(actor, self.0, page).await?;
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
        let found = records.of_member(actor, self.0, record_type.as_deref(), page).await?;
        Ok(connection(found, after.as_deref(), |record| record.id, Record::from))
    }

    /// What the member was told, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Message>> {
        let (loyalty, actor) = ctx.caller()?;
        let filter = MessageFilter { member: Some(self.0), template: None };
        let page = page(first, after.as_deref())?;
        let found = loyalty.messages().list(actor, &filter, page).await?;
        Ok(connection(found, after.as_deref(), |message| message.id, Message::from))
    }
}
