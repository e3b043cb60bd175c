//! Issuing, replacing and blocking cards.

use super::admin::Card;
use super::{brought, card_id};
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::cards::{self, BlockCard, IssueCard, Issued, ReplaceCard, UnblockCard};
use perennial_core::{Actor, Loyalty, Result as CoreResult};

/// A card to issue for a member's account.
#[derive(Debug, InputObject)]
pub(crate) struct IssueCardInput {
    /// The member whose account is found by the card: a person or a group. An account can have several
    /// cards.
    member: MemberRefInput,
    /// The code of a card that is printed already: 8 to 64 letters A to Z and digits; spaces, hyphens
    /// and capitals make no difference. Default: one is made.
    code: Option<String>,
    /// Unique among all requests that make cards, 1 to 128 printable characters. Repeating a request
    /// with the same key returns the first card and makes none; reusing the key with other arguments
    /// is refused.
    idempotency_key: String,
}

/// A card to replace by another for the same account.
#[derive(Debug, InputObject)]
pub(crate) struct ReplaceCardInput {
    /// The id of the card that is not to be used any longer.
    card_id: ID,
    /// The code of the other card if it is printed already, as for `issueCard`; of a gift card 16
    /// characters or more. Default: one is made.
    code: Option<String>,
    /// Why, for people. 1 to 200 printable characters.
    reason: String,
    /// As for `issueCard`.
    idempotency_key: String,
}

/// A card to block.
#[derive(Debug, InputObject)]
pub(crate) struct BlockCardInput {
    /// The card's id.
    card_id: ID,
    /// Why, for people. 1 to 200 printable characters.
    reason: String,
}

/// A card to unblock.
#[derive(Debug, InputObject)]
pub(crate) struct UnblockCardInput {
    /// The card's id.
    card_id: ID,
}

/// Result of issuing a card.
#[derive(Debug, SimpleObject)]
pub(crate) struct IssueCardPayload {
    /// The card. Null if the request was refused.
    card: Option<Card>,
    /// The card's code, in groups of four. It is kept nowhere: null if the request repeats another,
    /// and if it was refused.
    code: Option<String>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of replacing a card.
#[derive(Debug, SimpleObject)]
pub(crate) struct ReplaceCardPayload {
    /// The other card. Null if the request was refused.
    card: Option<Card>,
    /// The other card's code, in groups of four. It is kept nowhere: null if the request repeats
    /// another, and if it was refused.
    code: Option<String>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of blocking a card.
#[derive(Debug, SimpleObject)]
pub(crate) struct BlockCardPayload {
    /// The card. Null if the request was refused.
    card: Option<Card>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of unblocking a card.
#[derive(Debug, SimpleObject)]
pub(crate) struct UnblockCardPayload {
    /// The card. Null if the request was refused.
    card: Option<Card>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct CardMutation;

#[Object]
impl CardMutation {
    /// Issues a card by which a member is found. Requires the scope `cards:write`.
    async fn issue_card(
        &self,
        ctx: &Context<'_>,
        input: IssueCardInput,
    ) -> Result<Option<IssueCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (issued, user_errors) = split(issue(loyalty, actor, input).await)?;
        let (card, code) = shown(issued);
        Ok(Some(IssueCardPayload { card, code, user_errors }))
    }

    /// Issues another card for the account of one that was lost or stolen: the account stays as it is,
    /// and the old card is refused permanently. Requires the scope `cards:write`.
    async fn replace_card(
        &self,
        ctx: &Context<'_>,
        input: ReplaceCardInput,
    ) -> Result<Option<ReplaceCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (issued, user_errors) = split(replace(loyalty, actor, input).await)?;
        let (card, code) = shown(issued);
        Ok(Some(ReplaceCardPayload { card, code, user_errors }))
    }

    /// Lets nothing be done with a card until it is unblocked. Repeating the request returns the same.
    /// Requires the scope `cards:write`.
    async fn block_card(
        &self,
        ctx: &Context<'_>,
        input: BlockCardInput,
    ) -> Result<Option<BlockCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (card, user_errors) = split(block(loyalty, actor, input).await)?;
        Ok(Some(BlockCardPayload { card: card.map(Card::from), user_errors }))
    }

    /// Lets a blocked card be used again. Repeating the request returns the same. Requires the scope
    /// `cards:write`.
    async fn unblock_card(
        &self,
        ctx: &Context<'_>,
        input: UnblockCardInput,
    ) -> Result<Option<UnblockCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (card, user_errors) = split(unblock(loyalty, actor, &input).await)?;
        Ok(Some(UnblockCardPayload { card: card.map(Card::from), user_errors }))
    }
}

/// A card that was made, and its code.
pub(super) fn shown(issued: Option<Issued>) -> (Option<Card>, Option<String>) {
    let Some(Issued { card, code }) = issued else { return (None, None) };
    (Some(card.into()), code.map(|code| code.shown()))
}

async fn issue(loyalty: &Loyalty, actor: &Actor, input: IssueCardInput) -> CoreResult<Issued> {
    let request = IssueCard {
        member: input.member.parse()?,
        code: brought(input.code.as_deref())?,
        idempotency_key: input.idempotency_key,
    };
    loyalty.cards().issue(actor, &request).await
}

async fn replace(loyalty: &Loyalty, actor: &Actor, input: ReplaceCardInput) -> CoreResult<Issued> {
    let request = ReplaceCard {
        card: card_id(&input.card_id, "cardId")?,
        code: brought(input.code.as_deref())?,
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.cards().replace(actor, &request).await
}

async fn block(loyalty: &Loyalty, actor: &Actor, input: BlockCardInput) -> CoreResult<cards::Card> {
    let card = card_id(&input.card_id, "cardId")?;
    loyalty.cards().block(actor, &BlockCard { card, reason: input.reason }).await
}

async fn unblock(
    loyalty: &Loyalty,
    actor: &Actor,
    input: &UnblockCardInput,
) -> CoreResult<cards::Card> {
    let card = card_id(&input.card_id, "cardId")?;
    loyalty.cards().unblock(actor, UnblockCard { card }).await
}
