//! Objects by their global id.

use super::ledger::Transaction;
use super::members::Member;
use super::messages::Message;
use crate::context::RequestContext;
use crate::shared::Record;
use async_graphql::{Context, ID, Interface, Object, Result};
use perennial_core::{
    Actor, Code, Error, Id, Loyalty, MemberId, MessageId, RecordId, Result as CoreResult,
    TransactionId,
};

/// Anything with an id.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The object's id."))]
pub(super) enum Node {
    Member(Member),
    Transaction(Transaction),
    Message(Message),
    Record(Record),
}

#[derive(Debug, Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The member, transaction, message or record with an id; none when there is none in the program.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that this API returned.")] id: ID,
    ) -> Result<Option<Node>> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(find(loyalty, actor, &id).await.map_err(|error| error.at("id"))?)
    }
}

async fn find(loyalty: &Loyalty, actor: &Actor, id: &str) -> CoreResult<Option<Node>> {
    let node = match id.split_once('_').map(|(prefix, _)| prefix) {
        Some(MemberId::PREFIX) => {
            loyalty.members().find(actor, id.parse()?).await?.map(|one| Node::Member(one.into()))
        }
        Some(TransactionId::PREFIX) => {
            let found = loyalty.ledger().find(actor, id.parse()?).await?;
            found.map(|one| Node::Transaction(one.into()))
        }
        Some(MessageId::PREFIX) => {
            loyalty.messages().find(actor, id.parse()?).await?.map(|one| Node::Message(one.into()))
        }
        Some(RecordId::PREFIX) => {
            loyalty.records().find(actor, id.parse()?).await?.map(|one| Node::Record(one.into()))
        }
        _ => {
            let why = format!("`{id}` is not the id of a member, transaction, message or record");
            return Err(Error::new(Code::InvalidId, why));
        }
    };
    Ok(node)
}
