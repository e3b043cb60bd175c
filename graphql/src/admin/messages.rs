//! The outbox, for whoever sends e-mail or pushes.

use super::members::{Member, member_id};
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::loaders::ContactsOf;
use crate::shared::{Contact, MessageFacts};
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::messages::{self, MessageFilter};

/// Something told to a member or a contact.
#[derive(Debug, MergedObject)]
pub(super) struct Message(MessageFacts, MessageAddress);

impl Message {
    pub(super) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<messages::Message> for Message {
    fn from(message: messages::Message) -> Self {
        Self(MessageFacts::from(&message), MessageAddress(message))
    }
}

/// Whom a message is for and where it comes from.
#[derive(Debug)]
pub(crate) struct MessageAddress(messages::Message);

#[Object]
impl MessageAddress {
    /// Whom it is for.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.0.member_id).await?.map(Member::from))
    }

    /// Who of an organization it is for; the member itself when absent.
    async fn contact(&self, ctx: &Context<'_>) -> Result<Option<Contact>> {
        let Some(id) = self.0.contact_id else { return Ok(None) };
        let contacts = ctx.loaders().load_one(ContactsOf(self.0.member_id)).await?;
        let mut contacts = contacts.unwrap_or_default().into_iter();
        Ok(contacts.find(|contact| contact.id == id).map(Contact::from))
    }

    /// The id of the plugin that sent it.
    async fn plugin(&self) -> &str {
        &self.0.plugin_id
    }

    /// The id of the event that gave reason for it.
    async fn event(&self) -> ID {
        self.0.event_id.to_string().into()
    }
}

#[derive(Debug, Default)]
pub(crate) struct MessageQuery;

#[Object]
impl MessageQuery {
    /// What members and contacts were told, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "memberId", desc = "Only messages for this member.")] member: Option<ID>,
        #[graphql(desc = "Only messages from this template.")] template: Option<String>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Message>> {
        let (loyalty, actor) = ctx.caller()?;
        let member = member.map(|id| member_id(&id, "memberId")).transpose()?;
        let filter = MessageFilter { member, template };
        let page = page(first, after.as_deref())?;
        let found = loyalty.messages().list(actor, &filter, page).await?;
        Ok(connection(found, after.as_deref(), |message| message.id, Message::from))
    }
}
