//! Messages in the storefront schema.

use super::{MessageFields, list};
use crate::connection::Connection;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::MemberId;
use perennial_core::messages::{self, MessageFilter};

/// Something told to a member or a contact.
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
    /// What the member was told, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Message>> {
        let filter = MessageFilter { member: Some(self.0), template: None };
        list(ctx, &filter, first, after).await
    }
}
