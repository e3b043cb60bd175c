//! Objects by their global id.

use super::members::{Member, Message, Transaction};
use crate::context::RequestContext;
use crate::shared::{Found, Record, find};
use async_graphql::{Context, ID, Interface, Object, Result};

/// Anything with an id.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The object's id."))]
pub(super) enum Node {
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

#[derive(Debug, Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The member, transaction, message or record with an id; none when there is none that the member may see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that this API returned.")] id: ID,
    ) -> Result<Option<Node>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = find(loyalty, actor, &id).await.map_err(|error| error.at("id"))?;
        Ok(found.map(Node::from))
    }
}
