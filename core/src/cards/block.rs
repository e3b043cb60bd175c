//! Blocking a card, as when somebody says that it is lost, and the end of that.

use super::Cards;
use super::issue::ACCOUNTS;
use super::look::ask_cards;
use super::model::{Card, CardRef, CardStatus};
use super::write::change;
use crate::accounts::{Lots, MemberState, ask_states};
use crate::context::Program;
use crate::db::TryError;
use crate::operation::{Operation, decide};
use crate::{Actor, CardId, Result, Scope, text};

/// A request to let nothing be done with a card.
#[derive(Clone, Debug)]
pub struct BlockCard {
    pub card: CardId,
    /// Why, for people.
    pub reason: String,
}

/// A request to let a blocked card be used again.
#[derive(Clone, Copy, Debug)]
pub struct UnblockCard {
    pub card: CardId,
}

impl Cards<'_> {
    /// Blocks a card until it is unblocked. A repeat returns the same. Fails with `CARD_NOT_FOUND`,
    /// `CARD_REPLACED`, `CARD_ENDED` or `INVALID_INPUT`; nothing changes then.
    pub async fn block(self, actor: &Actor, request: &BlockCard) -> Result<Card> {
        text::name("reason", &request.reason)?;
        let becomes = (CardStatus::Blocked, Some(request.reason.as_str()));
        self.turn(actor, request.card, becomes).await
    }

    /// Lets a blocked card be used again. A repeat returns the same. Fails with `CARD_NOT_FOUND`,
    /// `CARD_REPLACED` or `CARD_ENDED`; nothing changes then.
    pub async fn unblock(self, actor: &Actor, request: UnblockCard) -> Result<Card> {
        self.turn(actor, request.card, (CardStatus::Active, None)).await
    }

    async fn turn(
        self,
        actor: &Actor,
        card: CardId,
        becomes: (CardStatus, Option<&str>),
    ) -> Result<Card> {
        actor.require(Scope::CardsWrite)?;
        decide(self.context, actor.program(), "blocking a card", |program| {
            self.try_turn(program, actor, card, becomes)
        })
        .await
    }

    async fn try_turn(
        self,
        program: Program,
        actor: &Actor,
        card: CardId,
        (status, reason): (CardStatus, Option<&str>),
    ) -> Result<Card, TryError> {
        let meant = CardRef::Id(card);
        let mut look = self.context.look(program.id);
        let cards = ask_cards(&mut look, program.id, [&meant]);
        look.table("who", ACCOUNTS);
        let states = ask_states(&mut look, Lots::IfDue);
        let (answers, program) = self.context.ask(&program, look).await?;
        let cards = cards.read(&answers)?;
        let card = cards.get(&meant).map_err(|error| error.at("cardId"))?;
        card.check_open().map_err(|error| error.at("cardId"))?;
        if card.status == status {
            return Ok(card.clone());
        }
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        operation.change(card.account_id).map(MemberState::touch)?;
        let changed = Card { status, reason: reason.map(str::to_owned), ..card.clone() };
        change(&mut operation, &changed);
        operation.commit().await?;
        Ok(changed)
    }
}
