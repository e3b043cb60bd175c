//! Objects by their global id.

pub(crate) mod admin;
pub(crate) mod storefront;

use crate::context::RequestContext;
use async_graphql::{Context, ID, Object, OutputType, Result};
use perennial_core::{
    Actor, Code, Error, Id, Loyalty, MemberId, MessageId, RecordId, Result as CoreResult,
    TransactionId, ledger, members, messages, records,
};
use std::marker::PhantomData;

/// What an id can identify. Each schema shows it as its own `Node`.
#[derive(Debug)]
pub(crate) enum Found {
    Member(members::Member),
    Transaction(ledger::Transaction),
    Message(messages::Message),
    Record(records::Record),
}

/// The query of a schema whose interface of objects with an id is `Node`.
#[derive(Debug)]
pub(crate) struct NodeQuery<Node>(PhantomData<fn() -> Node>);

#[Object]
impl<Node: OutputType + From<Found>> NodeQuery<Node> {
    /// The member, transaction, message or record with this id. Null if it does not exist or the
    /// token does not give access to it.
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

/// Not derived: that would require a default node.
impl<Node> Default for NodeQuery<Node> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// The object with an id, if the actor may see it. Fails with `INVALID_ID`.
async fn find(loyalty: &Loyalty, actor: &Actor, id: &str) -> CoreResult<Option<Found>> {
    let found = match id.split_once('_').map(|(prefix, _)| prefix) {
        Some(MemberId::PREFIX) => {
            loyalty.members().find(actor, id.parse()?).await?.map(Found::Member)
        }
        Some(TransactionId::PREFIX) => {
            loyalty.ledger().find(actor, id.parse()?).await?.map(Found::Transaction)
        }
        Some(MessageId::PREFIX) => {
            loyalty.messages().find(actor, id.parse()?).await?.map(Found::Message)
        }
        Some(RecordId::PREFIX) => {
            loyalty.records().find(actor, id.parse()?).await?.map(Found::Record)
        }
        _ => {
            let why = format!("`{id}` is not the id of a member, transaction, message or record");
            return Err(Error::new(Code::InvalidId, why));
        }
    };
    Ok(found)
}
