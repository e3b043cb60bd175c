//! Changes: what was recorded in a program, oldest first, for systems that follow it. Only the admin
//! schema shows them.

mod connection;

use crate::context::RequestContext;
use crate::events::Event;
use crate::ledger::admin::Transaction;
use crate::messages::admin::Message;
use async_graphql::{Context, Enum, Object, Result, Union};
use connection::{ChangeConnection, position};
use perennial_core::changes::{self, ChangesRequest};

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "changes::ChangeKind")]
pub(crate) enum ChangeKind {
    /// A fact that the platform recorded.
    Event,
    /// A change in a member's points.
    Transaction,
    /// A message to a member or a contact.
    Message,
}

/// Something that was recorded in the program.
#[derive(Debug, Union)]
pub(crate) enum Change {
    Event(Event),
    Transaction(Transaction),
    Message(Message),
}

impl From<changes::Change> for Change {
    fn from(change: changes::Change) -> Self {
        match change {
            changes::Change::Event(event) => Self::Event(event.into()),
            changes::Change::Transaction(transaction) => Self::Transaction(transaction.into()),
            changes::Change::Message(message) => Self::Message(message.into()),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// What was recorded in the program – events, transactions and messages – oldest first, in one
    /// order that never changes. This is how another system follows the program, such as a sender
    /// of messages or webhooks, or a data warehouse: it stores `pageInfo.endCursor`, and later
    /// requests the changes after it. Nothing is missed, repeated or reordered, whichever server
    /// responds. A change appears shortly after the mutation that caused it has responded.
    ///
    /// The events of a member are in their order, and a transaction comes before the event that
    /// reports it.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only changes of these kinds. A page may then be empty although there are more; \
                    its `endCursor` moves on all the same."
        )]
        kinds: Option<Vec<ChangeKind>>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor. Default: from the first change on.")]
        after: Option<String>,
    ) -> Result<Option<ChangeConnection>> {
        let (loyalty, actor) = ctx.caller()?;
        let kinds = kinds.map(|kinds| kinds.into_iter().map(changes::ChangeKind::from).collect());
        let request = ChangesRequest {
            after: position(after.as_deref())?,
            first: u64::from(first),
            kinds: kinds.unwrap_or_else(|| changes::ChangeKind::ALL.to_vec()),
        };
        let page = loyalty.changes().list(actor, &request).await?;
        Ok(Some(ChangeConnection::of(page, after.is_some())))
    }
}
