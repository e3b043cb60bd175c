//! Refunding a gift card: what is left on it is taken back, and the card ends. What was spent stays
//! spent.

use super::Cards;
use super::gift::may_alone;
use super::issue::ACCOUNTS;
use super::look::ask_cards;
use super::model::{Card, CardRef, CardStatus};
use super::write::change;
use crate::accounts::{Lots, MemberState, PointType, ask_states};
use crate::context::Program;
use crate::db::TryError;
use crate::operation::{Adjusting, Operation, decide};
use crate::{Actor, Code, Error, MemberId, Points, Result, Scope, text};

/// A request to take back what is left on a gift card.
#[derive(Clone, Debug)]
pub struct RefundGiftCard {
    pub card: CardRef,
    /// Why, for people.
    pub reason: String,
}

impl Cards<'_> {
    /// Takes back what is left on a gift card, which ends; a blocked one as well. A repeat returns the
    /// same. Fails with `CARD_NOT_FOUND`, `CARD_REPLACED`, `CARD_ENDED` for one that was claimed, or
    /// `INVALID_INPUT`; nothing changes then.
    pub async fn refund_gift(self, actor: &Actor, request: &RefundGiftCard) -> Result<Card> {
        actor.require(Scope::CardsWrite)?;
        actor.require(Scope::PointsAdjust)?;
        text::name("reason", &request.reason)?;
        decide(self.context, actor.program(), "refunding a gift card", |program| {
            self.try_refund_gift(program, actor, request)
        })
        .await
    }

    async fn try_refund_gift(
        self,
        program: Program,
        actor: &Actor,
        request: &RefundGiftCard,
    ) -> Result<Card, TryError> {
        let mut look = self.context.look(program.id);
        let cards = ask_cards(&mut look, program.id, [&request.card]);
        look.table("who", ACCOUNTS);
        let states = ask_states(&mut look, Lots::All);
        let (answers, program) = self.context.ask(&program, look).await?;
        let cards = cards.read(&answers)?;
        let at_card = |error: Error| error.at("card");
        let card = cards.gift(&request.card).map_err(at_card)?;
        if card.status == CardStatus::Refunded {
            return Ok(card.clone());
        }
        card.check_open().map_err(at_card)?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        let points = take_all(&mut operation, card.account_id, &request.reason).map_err(at_card)?;
        let ended = Card {
            status: CardStatus::Refunded,
            ended_at: Some(operation.program().now.max(card.issued_at)),
            ended_points: Some(points),
            reason: Some(request.reason.clone()),
            ..card.clone()
        };
        change(&mut operation, &ended);
        operation.commit().await?;
        Ok(ended)
    }
}

/// Takes all that an account has; returns how many points.
fn take_all(operation: &mut Operation<'_>, account: MemberId, reason: &str) -> Result<Points> {
    operation.change(account).map(MemberState::touch)?;
    let state = operation.state(account)?;
    check_not_held(state)?;
    let balance = |of: &PointType| (of.clone(), state.balance(of));
    let wallets: Vec<_> = state.point_types().map(balance).collect();
    let mut taken = Points::ZERO;
    for (point_type, points) in wallets.into_iter().filter(|(_, points)| points.is_positive()) {
        may_alone(operation.program(), &point_type, points)?;
        operation.adjust(
            account,
            &Adjusting {
                points: points.negated()?,
                point_type: &point_type,
                counts_as_earned: false,
                expires_at: None,
                effective_at: None,
                reason,
                approved_by: None,
            },
        )?;
        taken = taken.plus(points)?;
    }
    Ok(taken)
}

/// Fails with `INVALID_INPUT` while something of it is held.
pub(crate) fn check_not_held(state: &MemberState) -> Result<()> {
    if state.point_types().all(|of| state.held(of) == Points::ZERO) {
        return Ok(());
    }
    let why = "points of it are held: capture or release the hold first";
    Err(Error::new(Code::InvalidInput, why))
}
