//! Messages to a member or a contact.

use super::{Actions, Effect};

/// Who receives a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The member that the event is about.
    Member,
    /// One of its contacts, by id.
    Contact(String),
}

/// A message that is part of the answer. Sent to the member unless addressed to a contact.
#[derive(Debug)]
pub struct Message<'a>(&'a mut Actions);

impl<'a> Message<'a> {
    pub(super) fn add(actions: &'a mut Actions, template: String) -> Self {
        actions.add(Effect::SendMessage {
            template,
            to: Recipient::Member,
            parameters: Vec::new(),
        });
        Self(actions)
    }

    /// Addresses the message to the member, which is the default.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the message is already part of the answer"
    )]
    pub fn to_member(self) -> Self {
        self.to(Recipient::Member)
    }

    /// Addresses the message to a contact of the member, by [`Contact::id`](crate::Contact::id).
    /// The platform refuses the answer if the member has no such contact.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the message is already part of the answer"
    )]
    pub fn to_contact(self, id: impl Into<String>) -> Self {
        self.to(Recipient::Contact(id.into()))
    }

    /// Sets the value of the template's `{placeholder}`: at most 32 per message, each value at most
    /// 2 KiB.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the message is already part of the answer"
    )]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "text, numbers and dates read best as they are"
    )]
    pub fn with(self, placeholder: impl Into<String>, value: impl ToString) -> Self {
        if let Effect::SendMessage { parameters, .. } = &mut self.0.last().effect {
            parameters.push((placeholder.into(), value.to_string()));
        }
        self
    }

    /// Sets the key under which the message is sent once per event, in place of
    /// `message:<template>`. At most 512 bytes, unique within the answer.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the message is already part of the answer"
    )]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.0.last().key = Some(key.into());
        self
    }

    fn to(self, recipient: Recipient) -> Self {
        if let Effect::SendMessage { to, .. } = &mut self.0.last().effect {
            *to = recipient;
        }
        self
    }
}
