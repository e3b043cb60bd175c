//! Changes: what was recorded in a program, oldest first, for those who follow it – a sender of
//! webhooks, a warehouse, an outbox. Whoever keeps the position that a page ended at, and asks for
//! what comes after it, gets everything once and in one order, whatever commits late and whichever
//! node it asks.
//!
//! A page is two statements: rows of the journal, and then what they list.

mod position;
mod rows;

pub use crate::journal::ChangeKind;
pub use position::Position;

use crate::context::Context;
use crate::events::{Event, EventKey, ask_events};
use crate::journal::Item;
use crate::ledger::{Transaction, ask_transactions};
use crate::messages::{Message, ask_messages};
use crate::page::PAGE_MAX;
use crate::{Actor, Code, Error, Result, Scope};
use rows::Listed;
use std::collections::HashMap;

/// Something that was recorded.
#[derive(Clone, Debug)]
pub enum Change {
    Event(Event),
    Transaction(Transaction),
    Message(Message),
}

/// Which changes are asked for.
#[derive(Clone, Debug)]
pub struct ChangesRequest {
    /// Those after it.
    pub after: Position,
    /// 1 to [`PAGE_MAX`].
    pub first: u64,
    pub kinds: Vec<ChangeKind>,
}

/// Changes in their order.
#[derive(Clone, Debug)]
pub struct ChangesPage {
    pub items: Vec<(Position, Change)>,
    /// What the next page comes after. It moves on even if no change is of a kind that was asked
    /// for.
    pub end: Position,
    /// Whether there is something after the end, of whatever kind.
    pub has_more: bool,
}

/// The service. Get it from [`crate::Loyalty::changes`].
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    pub(crate) context: &'a Context,
}

impl Changes<'_> {
    /// Fails with `TOO_MANY` beyond [`PAGE_MAX`], with `INVALID_INPUT` without a kind, and with
    /// `INVALID_CURSOR` for a position that the program has not reached.
    pub async fn list(self, actor: &Actor, request: &ChangesRequest) -> Result<ChangesPage> {
        actor.require(Scope::Read)?;
        request.check()?;
        let Listed { items, end, has_more } = rows::read(self.context, actor, request).await?;
        let items = self.found(actor, items).await?;
        Ok(ChangesPage { items, end, has_more })
    }

    /// The changes that the journal lists. A message that was withdrawn is left out, and so is what
    /// somebody removed from the database.
    async fn found(
        self,
        actor: &Actor,
        items: Vec<(Position, Item)>,
    ) -> Result<Vec<(Position, Change)>> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (mut events, mut transactions, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for (_, item) in &items {
            match *item {
                Item::Event { member, seq } => {
                    events.push(EventKey { member_id: member, member_seq: seq });
                }
                Item::Transaction(id) => transactions.push(id),
                Item::Message(id) => messages.push(id),
            }
        }
        let mut look = self.context.look(actor.program());
        let events = ask_events(&mut look, &events);
        let transactions = ask_transactions(&mut look, transactions);
        let messages = ask_messages(&mut look, messages);
        let answers = self.context.show(look).await?;
        let mut found = HashMap::new();
        for event in answers.rows(events)? {
            let key = Item::Event { member: event.member_id, seq: event.member_seq };
            found.insert(key, Change::Event(event));
        }
        for row in answers.rows(transactions)? {
            let transaction = Transaction::try_from(row)?;
            found.insert(Item::Transaction(transaction.id), Change::Transaction(transaction));
        }
        for message in answers.rows(messages)? {
            found.insert(Item::Message(message.id), Change::Message(message));
        }
        let placed = |(position, item)| Some((position, found.remove(&item)?));
        Ok(items.into_iter().filter_map(placed).collect())
    }
}

impl ChangesRequest {
    fn check(&self) -> Result<()> {
        if self.first > PAGE_MAX {
            let why = format!("at most {PAGE_MAX} items a page");
            return Err(Error::new(Code::TooMany, why).at("first"));
        }
        if self.kinds.is_empty() {
            let why = "name a kind of changes, or leave `kinds` out to get all of them";
            return Err(Error::new(Code::InvalidInput, why).at("kinds"));
        }
        Ok(())
    }
}
