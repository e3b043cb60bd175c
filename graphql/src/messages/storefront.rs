//! Messages in the storefront schema.

use super::{MessageFields, list};
use crate::connection::Connection;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::MemberId;
use perennial_core::messages::{self, MessageFilter};

/// A message to a member or a contact.
#[derive(Debug, MergedObject)]
pub(crate) struct Message(MessageFields);

impl Message {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<messages::Message> for Message {
    fn from(message: messages::Message) -> Self {
        Self(MessageFields::from(&message))
    }
}

/// The messages of a member.
#[derive(Debug)]
pub(crate) struct MemberMessages(pub(crate) MemberId);

#[Object]
impl MemberMessages {
    /// Messages to the member, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Message>>> {
        let filter = MessageFilter { member: Some(self.0), template: None };
        list(ctx, &filter, first, after).await
    }
}
