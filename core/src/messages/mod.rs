//! Messages: something to tell a member or a contact, localized, not bound to a channel. They wait
//! in an outbox that the API lists; whoever sends e-mail or pushes reads them there.

mod withdraw;

pub(crate) use withdraw::{ask_early, withdraw};

use crate::context::Context;
use crate::db::select::Select;
use crate::db::{Look, Question, id, limit, row};
use crate::journal::Item;
use crate::operation::Operation;
use crate::page::{Page, PageRequest};
use crate::{Actor, ContactId, EventId, MemberId, MessageId, Result, Scope, Timestamp};
use perennial_contract::limits::MESSAGE_MOMENT;
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use std::collections::BTreeMap;

row! {
    /// A message in the outbox.
    #[derive(Clone, Debug, FromQueryResult)]
    pub struct Message in "messages" {
        pub id: MessageId,
        pub member_id: MemberId,
        /// Whom of an organization; the member itself when absent.
        pub contact_id: Option<ContactId>,
        pub plugin_id: String,
        pub event_id: EventId,
        pub template: String,
        pub locale: String,
        pub subject: String,
        pub body: String,
        /// What the text was filled with, for senders with templates of their own.
        pub parameters: Value,
        pub occurred_at: Timestamp,
    }
}

/// A message about to be sent.
#[derive(Clone, Debug)]
pub(crate) struct NewMessage {
    pub(crate) member: MemberId,
    pub(crate) contact: Option<ContactId>,
    pub(crate) plugin: String,
    pub(crate) event: EventId,
    pub(crate) template: String,
    pub(crate) locale: String,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) occurred_at: Timestamp,
}

/// Which messages are asked for.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    pub member: Option<MemberId>,
    pub template: Option<String>,
}

/// The service. Get it from [`crate::Loyalty::messages`].
#[derive(Clone, Copy, Debug)]
pub struct Messages<'a> {
    pub(crate) context: &'a Context,
}

row! {
    struct MessageKey {
        id: MessageId,
    }
}

const BY_ID: &str = "
    SELECT m.id, m.member_id, m.contact_id, m.plugin_id, m.event_id, m.template, m.locale, m.subject,
        m.body, m.parameters, m.occurred_at
    FROM {rows} AS k EACH messages AS m
    WHERE m.program_id = $1 AND m.id = k.id AND m.withdrawn_at IS NULL";
const SELECT: &str = "
    SELECT q.id, COALESCE(m.merged_into, q.member_id) AS member_id, q.contact_id, q.plugin_id,
        q.event_id, q.template, q.locale, q.subject, q.body, q.parameters, q.occurred_at
    FROM messages AS q
    JOIN members AS m ON m.program_id = $1 AND m.id = q.member_id
    WHERE q.program_id = $1 AND q.withdrawn_at IS NULL";

impl Messages<'_> {
    /// A message; none when it does not exist, was withdrawn, or the actor may not see it.
    pub async fn find(self, actor: &Actor, message: MessageId) -> Result<Option<Message>> {
        let db = &self.context.db;
        let text = format!("{SELECT} AND q.id = $2");
        let statement = db.sql(&text, [id(actor.program()), id(message)]);
        let found = Message::find_by_statement(statement).one(db.read()).await?;
        Ok(found.filter(|found| actor.require_for(found.member_id, Scope::Read).is_ok()))
    }

    /// Newest first.
    pub async fn list(
        self,
        actor: &Actor,
        filter: &MessageFilter,
        page: PageRequest<MessageId>,
    ) -> Result<Page<Message>> {
        match filter.member {
            Some(member) => actor.require_for(member, Scope::Read)?,
            None => actor.require(Scope::Read)?,
        }
        let db = self.context.db.read();
        let statement = Select::new(SELECT, [id(actor.program()), limit(page.first + 1)])
            .and_of("q.member_id", filter.member.map(id))
            .and("q.template = {}", filter.template.as_deref().map(Into::into))
            .and("q.id < {}", page.after.map(id))
            .ending(db, " ORDER BY q.id DESC LIMIT $2");
        let found = Message::find_by_statement(statement).all(db).await?;
        Ok(Page::of(found, page.first))
    }
}

/// Asks for messages by their ids.
pub(crate) fn ask_messages(
    look: &mut Look,
    ids: impl IntoIterator<Item = MessageId>,
) -> Question<Message> {
    let keys: Vec<_> = ids.into_iter().map(|id| MessageKey { id }).collect();
    look.ask_over(BY_ID, &keys)
}

/// Whether nobody wants to hear any more of what happened then.
pub(crate) fn is_too_late(now: Timestamp, occurred_at: Timestamp) -> bool {
    now.since(occurred_at) > MESSAGE_MOMENT
}

/// Puts a message into the outbox, unless its moment has passed.
pub(crate) fn send(operation: &mut Operation<'_>, message: &NewMessage) {
    if is_too_late(operation.program().now, message.occurred_at) {
        let (template, at) = (&message.template, message.occurred_at);
        tracing::debug!(template, %at, "a message was not sent, its moment has passed");
        metrics::counter!("perennial_messages_too_late_total").increment(1);
        return;
    }
    let id = MessageId::new();
    operation.journal(Item::Message(id));
    operation.insert(&Message {
        id,
        member_id: message.member,
        contact_id: message.contact,
        plugin_id: message.plugin.clone(),
        event_id: message.event,
        template: message.template.clone(),
        locale: message.locale.clone(),
        subject: message.subject.clone(),
        body: message.body.clone(),
        parameters: json!(message.parameters),
        occurred_at: message.occurred_at,
    });
}
