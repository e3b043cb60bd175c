//! Claiming a gift card: what is on it becomes the member's. It is a merge of two accounts, so lots
//! keep their dates and what earned them, and whatever comes back to the card later – of an order that
//! it paid, of a hold – comes to the member.

use super::Merging;
use super::rows::{MERGED, MergeRow, MovedRow};
use crate::accounts::{Lots, PointType, ask_states};
use crate::cards::{self, Card, CardRef, CardStatus, CardsQuestion, ask_cards, check_not_held};
use crate::context::Program;
use crate::db::{Answers, Look, TryError};
use crate::hash::ArgumentsHash;
use crate::members::{MemberKind, MemberRef, NamedQuestions, ask_named, not_found};
use crate::operation::{self, Operation, decide};
use crate::text::invalid;
use crate::{Actor, Error, MemberId, Points, Result, Scope, TransactionId};
use serde_json::json;

/// A request to make what is on a gift card a member's.
#[derive(Clone, Debug)]
pub struct ClaimGiftCard {
    pub card: CardRef,
    pub member: MemberRef,
}

/// For people.
const REASON: &str = "Gift card";
const WHO: &str = "
    SELECT id
    FROM named
    UNION
    SELECT account_id
    FROM coded";

impl Merging<'_> {
    /// Makes what is on a gift card a member's own; the card ends. A member claims for itself, by the
    /// code. A repeat returns the same. Fails with `CARD_NOT_FOUND`, `CARD_BLOCKED`,
    /// `CARD_REPLACED`, `CARD_ENDED`, `MEMBER_NOT_FOUND`, `MEMBER_ERASED`, `OVERFLOW` or
    /// `INVALID_INPUT`; nothing changes then.
    pub async fn claim(self, actor: &Actor, request: &ClaimGiftCard) -> Result<Card> {
        match (&request.member, &request.card) {
            (MemberRef::Id(id), CardRef::Code(_)) => actor.require_for(*id, Scope::CardsWrite)?,
            _ => actor.require(Scope::CardsWrite)?,
        }
        request.member.check()?;
        decide(self.context, actor.program(), "claiming a gift card", |program| {
            self.try_claim(program, actor, request)
        })
        .await
    }

    async fn try_claim(
        self,
        program: Program,
        actor: &Actor,
        request: &ClaimGiftCard,
    ) -> Result<Card, TryError> {
        let mut look = self.context.look(program.id);
        let questions = Questions::ask(&mut look, &program, request);
        let states = ask_states(&mut look, Lots::All);
        let (answers, program) = self.context.ask(&program, look).await?;
        let (card, member) = questions.read(&answers, request)?;
        if card.status == CardStatus::Claimed && card.account_id == member {
            return Ok(card);
        }
        card.check_active().map_err(|error| error.at("card"))?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        if operation.has_recorded_of(card.account_id) {
            // What was due on the card ends there: no row changes twice in a commit.
            operation.commit().await?;
            return Err(TryError::Outrun("something of the card was due".to_owned()));
        }
        operation.act_as(actor.subject());
        let claimed = claim(&mut operation, &card, member)?;
        operation.commit().await?;
        Ok(claimed)
    }
}

/// The questions of a claim.
struct Questions {
    cards: CardsQuestion,
    named: NamedQuestions,
}

impl Questions {
    fn ask(look: &mut Look, program: &Program, request: &ClaimGiftCard) -> Self {
        let cards = ask_cards(look, program.id, [&request.card]);
        let named = ask_named(look, [&request.member]);
        look.table("who", WHO);
        Self { cards, named }
    }

    /// The card, and whose it is to be.
    fn read(self, answers: &Answers, request: &ClaimGiftCard) -> Result<(Card, MemberId)> {
        let named = self.named.read(answers)?;
        let member = named.get(&request.member).ok_or_else(|| not_found().at("member"))?;
        if member.kind == MemberKind::GiftCard {
            return Err(invalid("member", "is a gift card itself"));
        }
        let cards = self.cards.read(answers)?;
        let card = cards.gift(&request.card).map_err(|error| error.at("card"))?;
        Ok((card.clone(), member.id))
    }
}

fn claim(operation: &mut Operation<'_>, card: &Card, member: MemberId) -> Result<Card> {
    let from = card.account_id;
    let state = operation.state(from)?;
    check_not_held(state).map_err(|error| error.at("card"))?;
    let points = Points::sum(state.point_types().map(|of: &PointType| state.balance(of)))?;
    let at_member = |error: Error| error.at("member");
    operation.state(member).map_err(at_member)?;
    operation.merge(&operation::Merging { from, into: member, reason: REASON })?;
    operation.run(MERGED, &MovedRow { from_id: from, into_id: member });
    operation.insert(&MergeRow {
        from_id: from,
        into_id: member,
        reason: REASON.to_owned(),
        owed: json!({}),
        merged_at: operation.program().now,
        // Nobody repeats a claim by it, and nobody can send it.
        idempotency_key: format!(" {}", TransactionId::new()),
        arguments_hash: ArgumentsHash::of(&card.id),
    });
    Ok(cards::claimed(operation, card, member, points))
}
