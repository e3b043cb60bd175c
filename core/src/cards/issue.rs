//! Issuing a card for a member's account, and replacing one.

use super::Cards;
use super::code::CardCode;
use super::look::{NewQuestions, ask_cards};
use super::model::{Card, CardKind, CardRef, CardStatus, Issued};
use super::write::{NewCard, change};
use crate::accounts::{Lots, ask_states};
use crate::context::Program;
use crate::db::TryError;
use crate::idempotency::IdempotencyKey;
use crate::members::{MemberKind, MemberRef, ask_named_states, not_found};
use crate::operation::{Operation, decide};
use crate::text::{self, invalid};
use crate::{Actor, CardId, Result, Scope};
use serde::Serialize;

/// A request for a card by which a member is found.
#[derive(Clone, Debug)]
pub struct IssueCard {
    pub member: MemberRef,
    /// The code of a card that is printed already; one is made when absent.
    pub code: Option<CardCode>,
    /// Chosen by the caller, unique among all requests that make cards; a repeat returns the first.
    pub idempotency_key: String,
}

/// A request for another card for the same account.
#[derive(Clone, Debug)]
pub struct ReplaceCard {
    pub card: CardId,
    /// As for [`IssueCard`].
    pub code: Option<CardCode>,
    /// Why, for people.
    pub reason: String,
    /// As for [`IssueCard`].
    pub idempotency_key: String,
}

/// What is asked for under a key; the member may be named in two ways.
#[derive(Serialize)]
enum Arguments<'a> {
    Issue { code: Option<&'a CardCode> },
    Replace { card: CardId, code: Option<&'a CardCode>, reason: &'a str },
}

/// Names the accounts of the cards in `coded`.
pub(super) const ACCOUNTS: &str = "SELECT DISTINCT account_id AS id FROM coded";

impl Cards<'_> {
    /// Issues a card for a member. A repeat returns the same card, without its code. Fails with
    /// `MEMBER_NOT_FOUND`, `MEMBER_ERASED`, `CARD_CODE_TAKEN`, `IDEMPOTENCY_KEY_REUSED` or
    /// `INVALID_INPUT`; nothing changes then.
    pub async fn issue(self, actor: &Actor, request: &IssueCard) -> Result<Issued> {
        actor.require(Scope::CardsWrite)?;
        request.member.check()?;
        let arguments = Arguments::Issue { code: request.code.as_ref() };
        let key = IdempotencyKey::new(&request.idempotency_key, &arguments)?;
        decide(self.context, actor.program(), "issuing a card", |program| {
            self.try_issue(program, actor, request, &key)
        })
        .await
    }

    /// Issues another card for the account of one that was lost: the old one is refused from then on.
    /// A repeat returns the same card, without its code. Fails with `CARD_NOT_FOUND`,
    /// `CARD_REPLACED`, `CARD_ENDED`, `CARD_CODE_TAKEN`, `MEMBER_ERASED`, `IDEMPOTENCY_KEY_REUSED`
    /// or `INVALID_INPUT`; nothing changes then.
    pub async fn replace(self, actor: &Actor, request: &ReplaceCard) -> Result<Issued> {
        actor.require(Scope::CardsWrite)?;
        text::name("reason", &request.reason)?;
        let ReplaceCard { card, ref code, ref reason, .. } = *request;
        let arguments = Arguments::Replace { card, code: code.as_ref(), reason };
        let key = IdempotencyKey::new(&request.idempotency_key, &arguments)?;
        decide(self.context, actor.program(), "replacing a card", |program| {
            self.try_replace(program, actor, request, &key)
        })
        .await
    }

    async fn try_issue(
        self,
        program: Program,
        actor: &Actor,
        request: &IssueCard,
        key: &IdempotencyKey,
    ) -> Result<Issued, TryError> {
        let mut look = self.context.look(program.id);
        let (named, states) = ask_named_states(&mut look, &request.member, Lots::IfDue);
        let new = NewQuestions::ask(&mut look, program.id, key, request.code.as_ref());
        let (answers, program) = self.context.ask(&program, look).await?;
        let named = named.read(&answers)?;
        let member = named.get(&request.member).ok_or_else(|| not_found().at("member"))?;
        if let Some(known) = new.known(&answers, key)? {
            key.check_by(named.is(&request.member, known.card.account_id))?;
            return Ok(known);
        }
        if member.kind == MemberKind::GiftCard {
            let why = "is a gift card, which has one code at a time: replace that";
            return Err(invalid("member", why).into());
        }
        new.check_free(&answers)?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        let (account, code) = (member.id, request.code.as_ref());
        let card = NewCard { account, kind: CardKind::Loyalty, code, reason: None, key };
        let issued = card.write(&mut operation).map_err(|error| error.at("member"))?;
        operation.commit().await?;
        Ok(issued)
    }

    async fn try_replace(
        self,
        program: Program,
        actor: &Actor,
        request: &ReplaceCard,
        key: &IdempotencyKey,
    ) -> Result<Issued, TryError> {
        let meant = CardRef::Id(request.card);
        let mut look = self.context.look(program.id);
        let cards = ask_cards(&mut look, program.id, [&meant]);
        look.table("who", ACCOUNTS);
        let states = ask_states(&mut look, Lots::IfDue);
        let new = NewQuestions::ask(&mut look, program.id, key, request.code.as_ref());
        let (answers, program) = self.context.ask(&program, look).await?;
        if let Some(known) = new.known(&answers, key)? {
            return Ok(known);
        }
        let cards = cards.read(&answers)?;
        let old = cards.get(&meant).map_err(|error| error.at("cardId"))?;
        old.check_open().map_err(|error| error.at("cardId"))?;
        if old.is_gift() {
            request.code.as_ref().map_or(Ok(()), CardCode::check_long)?;
        }
        new.check_free(&answers)?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        let (account, kind, code) = (old.account_id, old.kind, request.code.as_ref());
        let card = NewCard { account, kind, code, reason: None, key };
        let issued = card.write(&mut operation).map_err(|error| error.at("cardId"))?;
        let ended_at = Some(operation.program().now.max(old.issued_at));
        let replaced = Card {
            status: CardStatus::Replaced,
            replaced_by: Some(issued.card.id),
            ended_at,
            reason: Some(request.reason.clone()),
            ..old.clone()
        };
        change(&mut operation, &replaced);
        operation.commit().await?;
        Ok(issued)
    }
}
