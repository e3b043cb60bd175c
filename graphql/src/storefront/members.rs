//! The member whose token this is.

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::shared::{MessageFacts, Profile, Record, TransactionFacts};
use async_graphql::{Context, MergedObject, Object, Result};
use perennial_core::MemberId;
use perennial_core::messages::MessageFilter;

/// Somebody who takes part in the program.
#[derive(Debug, MergedObject)]
pub(super) struct Member(Profile, MemberLists);

/// A change of a member's points.
#[derive(Debug, MergedObject)]
pub(super) struct Transaction(TransactionFacts);

/// Something told to a member or a contact.
#[derive(Debug, MergedObject)]
pub(super) struct Message(MessageFacts);

#[derive(Debug, Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The member whose token this is.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        let member = loyalty.members().get(actor, ctx.session()?.member()?).await?;
        Ok(Some(Member(Profile(member.clone()), MemberLists(member.id))))
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
        let node = |transaction| Transaction(TransactionFacts::from(&transaction));
        Ok(connection(found, after.as_deref(), |transaction| transaction.id, node))
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
        let node = |message| Message(MessageFacts::from(&message));
        Ok(connection(found, after.as_deref(), |message| message.id, node))
    }
}
