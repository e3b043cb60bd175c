//! What has an id in the admin schema.

use super::Found;
use crate::ledger::admin::Transaction;
use crate::members::admin::Member;
use crate::messages::admin::Message;
use crate::records::Record;
use async_graphql::{ID, Interface};

/// An object with a global id.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The object's id."))]
pub(crate) enum Node {
    Member(Member),
    Transaction(Transaction),
    Message(Message),
    Record(Record),
}

impl From<Found> for Node {
    fn from(found: Found) -> Self {
        match found {
            Found::Member(member) => Self::Member(member.into()),
            Found::Transaction(transaction) => Self::Transaction(transaction.into()),
            Found::Message(message) => Self::Message(message.into()),
            Found::Record(record) => Self::Record(record.into()),
        }
    }
}
