//! What has an id in the storefront schema.

use super::Found;
use crate::ledger::storefront::Transaction;
use crate::members::storefront::Member;
use crate::messages::storefront::Message;
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
