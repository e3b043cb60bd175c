//! Messages to members and contacts, in the recipient's language.

pub(crate) mod admin;
pub(crate) mod storefront;

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::scalars::{DateTime, Json, LanguageTag};
use async_graphql::{Context, ID, OutputType, Result, SimpleObject};
use perennial_core::messages::{self, MessageFilter};

/// The fields of a message that both schemas show.
#[derive(Debug, SimpleObject)]
struct MessageFields {
    /// The message's id.
    id: ID,
    /// The name of the template that the text was made from.
    template: String,
    /// The language of the text.
    locale: LanguageTag,
    /// The subject line.
    subject: String,
    /// The text of the message.
    body: String,
    /// The values inserted into the template, for senders that use their own templates.
    parameters: Json,
    /// When the event that caused the message happened, according to the program's clock.
    occurred_at: DateTime,
}

impl From<&messages::Message> for MessageFields {
    fn from(message: &messages::Message) -> Self {
        Self {
            id: message.id.to_string().into(),
            template: message.template.clone(),
            locale: LanguageTag(message.locale.clone()),
            subject: message.subject.clone(),
            body: message.body.clone(),
            parameters: message.parameters.clone().into(),
            occurred_at: message.occurred_at.into(),
        }
    }
}

/// A page of the messages that match `filter`, each as the `Message` of one schema.
async fn list<Message: OutputType + From<messages::Message>>(
    ctx: &Context<'_>,
    filter: &MessageFilter,
    first: u32,
    after: Option<String>,
) -> Result<Option<Connection<Message>>> {
    let (loyalty, actor) = ctx.caller()?;
    let page = page(first, after.as_deref())?;
    let found = loyalty.messages().list(actor, filter, page).await?;
    Ok(Some(connection(found, after.as_deref(), |message| message.id, Message::from)))
}
