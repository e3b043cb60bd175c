//! Gift cards: an account of its own behind a code. It is made and loaded in one commit; a part of
//! what is on it can go to another card.

use super::Cards;
use super::code::CardCode;
use super::issue::ACCOUNTS;
use super::look::{NewQuestions, ask_cards};
use super::model::{CardKind, CardRef, Issued};
use super::write::NewCard;
use crate::accounts::{Lots, PointType, ask_states};
use crate::context::Program;
use crate::db::TryError;
use crate::idempotency::IdempotencyKey;
use crate::ledger::TransferRow;
use crate::members::enrol_gift_card;
use crate::operation::{Adjusting, Operation, Transferring, decide};
use crate::text::{self, invalid};
use crate::{Actor, Code, Error, Points, Result, Scope, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// A request for a gift card.
#[derive(Clone, Debug)]
pub struct IssueGiftCard {
    /// Zero for one that is loaded later.
    pub points: Points,
    /// The id of their type; the program's main points when absent.
    pub point_type: Option<String>,
    /// When they expire; as the program's policy says when absent.
    pub expires_at: Option<Timestamp>,
    /// The code of a card that is printed already; one is made when absent.
    pub code: Option<CardCode>,
    /// Why, for people.
    pub reason: String,
    /// Chosen by the caller, unique among all requests that make cards; a repeat returns the first.
    pub idempotency_key: String,
}

/// A request to put a part of what is on a gift card on another one.
#[derive(Clone, Debug)]
pub struct SplitGiftCard {
    pub card: CardRef,
    /// Above zero.
    pub points: Points,
    /// The id of their type; the program's main points when absent.
    pub point_type: Option<String>,
    /// As for [`IssueGiftCard`].
    pub code: Option<CardCode>,
    /// Why, for people.
    pub reason: String,
    /// As for [`IssueGiftCard`].
    pub idempotency_key: String,
}

/// What is asked for under a key.
#[derive(Serialize)]
enum Arguments<'a> {
    IssueGift {
        points: Points,
        point_type: Option<&'a str>,
        expires_at: Option<Timestamp>,
        code: Option<&'a CardCode>,
        reason: &'a str,
    },
    Split {
        card: &'a CardRef,
        points: Points,
        point_type: Option<&'a str>,
        code: Option<&'a CardCode>,
        reason: &'a str,
    },
}

impl Cards<'_> {
    /// Makes a gift card and loads it. A repeat returns the same card, without its code. Fails with
    /// `CARD_CODE_TAKEN`, `POINT_TYPE_NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED` or `INVALID_INPUT`;
    /// nothing changes then.
    pub async fn issue_gift(self, actor: &Actor, request: &IssueGiftCard) -> Result<Issued> {
        actor.require(Scope::CardsWrite)?;
        actor.require(Scope::PointsAdjust)?;
        let key = request.check()?;
        decide(self.context, actor.program(), "issuing a gift card", |program| {
            self.try_issue_gift(program, actor, request, &key)
        })
        .await
    }

    /// Puts a part of what is on a gift card on a new one; it expires when it would have expired. A
    /// repeat returns the same card, without its code. Fails with `CARD_NOT_FOUND`, `CARD_BLOCKED`,
    /// `CARD_REPLACED`, `CARD_ENDED`, `INSUFFICIENT_POINTS`, `CARD_CODE_TAKEN`,
    /// `POINT_TYPE_NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED` or `INVALID_INPUT`; nothing changes then.
    pub async fn split_gift(self, actor: &Actor, request: &SplitGiftCard) -> Result<Issued> {
        actor.require(Scope::CardsWrite)?;
        let key = request.check()?;
        decide(self.context, actor.program(), "splitting a gift card", |program| {
            self.try_split_gift(program, actor, request, &key)
        })
        .await
    }

    async fn try_issue_gift(
        self,
        program: Program,
        actor: &Actor,
        request: &IssueGiftCard,
        key: &IdempotencyKey,
    ) -> Result<Issued, TryError> {
        let mut look = self.context.look(program.id);
        let new = NewQuestions::ask(&mut look, program.id, key, request.code.as_ref());
        let (answers, program) = self.context.ask(&program, look).await?;
        if let Some(known) = new.known(&answers, key)? {
            return Ok(known);
        }
        new.check_free(&answers)?;
        let point_type = program.definition.spendable(request.point_type.as_deref())?;
        if request.expires_at.is_some_and(|at| at <= program.now) {
            let why = format!("is not later than the program's now, {}", program.now);
            return Err(invalid("expiresAt", why).into());
        }
        may_alone(&program, &point_type, request.points).map_err(|error| error.at("points"))?;
        let mut operation = Operation::begin(self.context, program, BTreeMap::new())?;
        operation.act_as(actor.subject());
        let (code, reason) = (request.code.as_ref(), request.reason.as_str());
        let issued = make(&mut operation, code, reason, key)?;
        if request.points.is_positive() {
            operation.adjust(
                issued.card.account_id,
                &Adjusting {
                    points: request.points,
                    point_type: &point_type,
                    counts_as_earned: false,
                    expires_at: request.expires_at,
                    effective_at: None,
                    reason,
                    approved_by: None,
                },
            )?;
        }
        operation.commit().await?;
        Ok(issued)
    }

    async fn try_split_gift(
        self,
        program: Program,
        actor: &Actor,
        request: &SplitGiftCard,
        key: &IdempotencyKey,
    ) -> Result<Issued, TryError> {
        let mut look = self.context.look(program.id);
        let cards = ask_cards(&mut look, program.id, [&request.card]);
        look.table("who", ACCOUNTS);
        let states = ask_states(&mut look, Lots::All);
        let new = NewQuestions::ask(&mut look, program.id, key, request.code.as_ref());
        let (answers, program) = self.context.ask(&program, look).await?;
        if let Some(known) = new.known(&answers, key)? {
            return Ok(known);
        }
        let cards = cards.read(&answers)?;
        let at_card = |error: Error| error.at("card");
        let from = cards.gift(&request.card).map_err(at_card)?;
        from.check_active().map_err(at_card)?;
        new.check_free(&answers)?;
        let point_type = program.definition.spendable(request.point_type.as_deref())?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        let (code, reason) = (request.code.as_ref(), request.reason.as_str());
        let issued = make(&mut operation, code, reason, key)?;
        let (from, to, points) = (from.account_id, issued.card.account_id, request.points);
        let transferring = Transferring { from, to, points, point_type: &point_type, reason };
        let moved = operation.transfer(&transferring).map_err(|error| error.at("points"))?;
        let (sent_id, received_id) = moved;
        operation.insert(&TransferRow {
            sent_id,
            received_id,
            sender_id: from,
            receiver_id: to,
            point_type: point_type.clone(),
            points,
            sent_at: operation.program().now,
            own_day: None,
            // The key of the request is the new card's. No caller's key begins with a space.
            idempotency_key: format!(" {}", issued.card.id),
            arguments_hash: key.arguments_hash.clone(),
        });
        operation.commit().await?;
        Ok(issued)
    }
}

/// Makes a gift card with nothing on it.
fn make(
    operation: &mut Operation<'_>,
    code: Option<&CardCode>,
    reason: &str,
    key: &IdempotencyKey,
) -> Result<Issued> {
    let account = enrol_gift_card(operation);
    let reason = Some(reason);
    NewCard { account, kind: CardKind::Gift, code, reason, key }.write(operation)
}

/// Fails with `INVALID_INPUT` for so many points that a second operator has to approve them: that is
/// asked for by an adjustment, whatever it is of.
pub(super) fn may_alone(program: &Program, point_type: &PointType, points: Points) -> Result<()> {
    if program.definition.waits_for_approval(point_type, points).is_none() {
        return Ok(());
    }
    let why = "a second operator has to approve so many points: give or take them with \
               `adjustPoints` of the card's member";
    Err(Error::new(Code::InvalidInput, why))
}

impl IssueGiftCard {
    fn check(&self) -> Result<IdempotencyKey> {
        text::name("reason", &self.reason)?;
        if self.points < Points::ZERO {
            return Err(invalid("points", "use zero or more"));
        }
        self.code.as_ref().map_or(Ok(()), CardCode::check_long)?;
        IdempotencyKey::new(
            &self.idempotency_key,
            &Arguments::IssueGift {
                points: self.points,
                point_type: self.point_type.as_deref(),
                expires_at: self.expires_at,
                code: self.code.as_ref(),
                reason: &self.reason,
            },
        )
    }
}

impl SplitGiftCard {
    fn check(&self) -> Result<IdempotencyKey> {
        text::name("reason", &self.reason)?;
        if !self.points.is_positive() {
            return Err(invalid("points", "use a number above zero"));
        }
        self.code.as_ref().map_or(Ok(()), CardCode::check_long)?;
        IdempotencyKey::new(
            &self.idempotency_key,
            &Arguments::Split {
                card: &self.card,
                points: self.points,
                point_type: self.point_type.as_deref(),
                code: self.code.as_ref(),
                reason: &self.reason,
            },
        )
    }
}
