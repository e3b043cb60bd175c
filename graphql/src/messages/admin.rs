//! Messages in the admin schema: the outbox, from which emails and push notifications are sent.

use super::{MessageFields, list};
use crate::connection::Connection;
use crate::context::RequestContext;
use crate::loaders::ContactsOf;
use crate::members::admin::Member;
use crate::members::{Contact, member_id};
use crate::nodes::GlobalId;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::MemberId;
use perennial_core::messages::{self, MessageFilter};

/// A message to a member or a contact.
#[derive(Debug, MergedObject)]
pub(crate) struct Message(MessageFields, MessageAddress);

impl Message {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<messages::Message> for Message {
    fn from(message: messages::Message) -> Self {
        Self(MessageFields::from(&message), MessageAddress(message))
    }
}

/// The fields of a message that only the admin schema shows.
#[derive(Debug)]
pub(crate) struct MessageAddress(messages::Message);

#[Object]
impl MessageAddress {
    /// The member that the message is for.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.0.member_id).await?.map(Member::from))
    }

    /// The contact that the message is for. Null if it is for the member itself.
    async fn contact(&self, ctx: &Context<'_>) -> Result<Option<Contact>> {
        let Some(id) = self.0.contact_id else { return Ok(None) };
        let contacts = ctx.loaders().load_one(ContactsOf(self.0.member_id)).await?;
        let mut contacts = contacts.unwrap_or_default().into_iter();
        Ok(contacts.find(|contact| contact.id == id).map(Contact::from))
    }

    /// The id in the program file of the plugin that sent the message.
    async fn plugin_key(&self) -> &str {
        &self.0.plugin_id
    }

    /// The id of the event that caused the message.
    async fn event(&self) -> ID {
        GlobalId::Event(self.0.member_id, self.0.event_id).into()
    }
}

#[derive(Debug, Default)]
pub(crate) struct MessageQuery;

#[Object]
impl MessageQuery {
    /// Messages to members and contacts, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            name = "memberId",
            desc = "Only messages to the member with this id and its contacts."
        )]
        member: Option<ID>,
        #[graphql(desc = "Only messages from this template.")] template: Option<String>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Message>>> {
        let member = member.map(|id| member_id(&id, "memberId")).transpose()?;
        list(ctx, &MessageFilter { member, template }, first, after).await
    }
}

/// The messages of a member and its contacts.
#[derive(Debug)]
pub(crate) struct MemberMessages(pub(crate) MemberId);

#[Object]
impl MemberMessages {
    /// Messages to the member and its contacts, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only messages from this template.")] template: Option<String>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Message>>> {
        let filter = MessageFilter { member: Some(self.0), template };
        list(ctx, &filter, first, after).await
    }
}
