//! Objects by their global id.

use perennial_core::{
    Actor, Code, Error, Id, Loyalty, MemberId, MessageId, RecordId, Result, TransactionId, ledger,
    members, messages, records,
};

/// What an id may name. Each schema shows it in its own shape.
#[derive(Debug)]
pub(crate) enum Found {
    Member(members::Member),
    Transaction(ledger::Transaction),
    Message(messages::Message),
    Record(records::Record),
}

/// The object with an id; none when there is none that the actor may see. Fails with `INVALID_ID`.
pub(crate) async fn find(loyalty: &Loyalty, actor: &Actor, id: &str) -> Result<Option<Found>> {
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
