//! Messages to a member or a contact.

use super::{Actions, Effect};

/// Who gets a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The member that the event is about.
    Member,
    /// One of its contacts, by id.
    Contact(String),
}

/// A message being put together.
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

    /// To the member; so it is without being said.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the message is already part of the answer"
    )]
    pub fn to_member(self) -> Self {
        self.to(Recipient::Member)
    }

    /// To a contact of the member, by its id.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the message is already part of the answer"
    )]
    pub fn to_contact(self, id: impl Into<String>) -> Self {
        self.to(Recipient::Contact(id.into()))
    }

    /// A value for the template's `{placeholder}`.
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

    /// A key of its own.
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
