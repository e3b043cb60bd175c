//! Gift cards in the admin schema: issuing, splitting, claiming and refunding them.

use super::act::shown;
use super::admin::Card;
use super::{CardRefInput, brought};
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::cards::{self, IssueGiftCard, Issued, RefundGiftCard, SplitGiftCard};
use perennial_core::merging::ClaimGiftCard;
use perennial_core::{Actor, Loyalty, Result as CoreResult};

/// A gift card to issue.
#[derive(Debug, InputObject)]
pub(crate) struct IssueGiftCardInput {
    /// How many points are on it. Zero for a card that is loaded later, with `adjustPoints` of its
    /// member.
    points: Points,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// When the points expire, later than now. Default: as the program's policy says of points that an
    /// operator gives.
    expires_at: Option<DateTime>,
    /// The code of a card that is printed already: 16 to 64 letters A to Z and digits; spaces, hyphens
    /// and capitals make no difference. Whoever guesses it has the points. Default: one is made.
    code: Option<String>,
    /// Why, for people, such as the order that it was sold with. 1 to 200 printable characters.
    reason: String,
    /// Unique among all requests that make cards, 1 to 128 printable characters. Repeating a request
    /// with the same key returns the first card and makes none; reusing the key with other arguments
    /// is refused.
    idempotency_key: String,
}

/// A gift card of which a part goes to another one.
#[derive(Debug, InputObject)]
pub(crate) struct SplitGiftCardInput {
    /// The card whose points they are.
    card: CardRefInput,
    /// How many points go to the other card, at most what is on this one.
    points: Points,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// The code of the other card, as for `issueGiftCard`.
    code: Option<String>,
    /// Why, for people. 1 to 200 printable characters.
    reason: String,
    /// As for `issueGiftCard`.
    idempotency_key: String,
}

/// A gift card to claim for a member.
#[derive(Debug, InputObject)]
pub(crate) struct ClaimGiftCardInput {
    /// The card.
    card: CardRefInput,
    /// The member who gets what is on it.
    member: MemberRefInput,
}

/// A gift card to refund.
#[derive(Debug, InputObject)]
pub(crate) struct RefundGiftCardInput {
    /// The card.
    card: CardRefInput,
    /// Why, for people. 1 to 200 printable characters.
    reason: String,
}

/// Result of issuing a gift card.
#[derive(Debug, SimpleObject)]
pub(crate) struct IssueGiftCardPayload {
    /// The card. Null if the request was refused.
    card: Option<Card>,
    /// The card's code, in groups of four. It is kept nowhere: null if the request repeats another,
    /// and if it was refused.
    code: Option<String>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of splitting a gift card.
#[derive(Debug, SimpleObject)]
pub(crate) struct SplitGiftCardPayload {
    /// The other card. Null if the request was refused.
    card: Option<Card>,
    /// The other card's code, in groups of four. It is kept nowhere: null if the request repeats
    /// another, and if it was refused.
    code: Option<String>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of claiming a gift card.
#[derive(Debug, SimpleObject)]
pub(crate) struct ClaimGiftCardPayload {
    /// The card, which is claimed. Null if the request was refused.
    card: Option<Card>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of refunding a gift card.
#[derive(Debug, SimpleObject)]
pub(crate) struct RefundGiftCardPayload {
    /// The card, which is refunded: its `endedPoints` are to be paid back. Null if the request was
    /// refused.
    card: Option<Card>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct GiftCardMutation;

#[Object]
impl GiftCardMutation {
    /// Makes a gift card and loads it, at once. So many points that a second operator has to approve
    /// them are refused: issue the card with none, and load it with `adjustPoints` of its member.
    /// Requires the scopes `cards:write` and `points:adjust`.
    async fn issue_gift_card(
        &self,
        ctx: &Context<'_>,
        input: IssueGiftCardInput,
    ) -> Result<Option<IssueGiftCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (issued, user_errors) = split(issue(loyalty, actor, input).await)?;
        let (card, code) = shown(issued);
        Ok(Some(IssueGiftCardPayload { card, code, user_errors }))
    }

    /// Puts a part of what is on a gift card on a new one. It expires when it would have expired.
    /// Requires the scope `cards:write`.
    async fn split_gift_card(
        &self,
        ctx: &Context<'_>,
        input: SplitGiftCardInput,
    ) -> Result<Option<SplitGiftCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (issued, user_errors) = split(split_card(loyalty, actor, input).await)?;
        let (card, code) = shown(issued);
        Ok(Some(SplitGiftCardPayload { card, code, user_errors }))
    }

    /// Makes what is on a gift card a member's, with the dates that it has; the card ends. What comes
    /// back later of orders that the card paid comes to the member. Repeating the request returns the
    /// same. `unmergeMembers` of the card's member makes a claim undone. Requires the scope
    /// `cards:write`.
    async fn claim_gift_card(
        &self,
        ctx: &Context<'_>,
        input: ClaimGiftCardInput,
    ) -> Result<Option<ClaimGiftCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (card, user_errors) = split(claim(loyalty, actor, input).await)?;
        Ok(Some(ClaimGiftCardPayload { card: card.map(Card::from), user_errors }))
    }

    /// Takes back what is left on a gift card, for whoever pays the money back; the card ends. What was
    /// spent stays spent. Repeating the request returns the same. Requires the scopes `cards:write`
    /// and `points:adjust`.
    async fn refund_gift_card(
        &self,
        ctx: &Context<'_>,
        input: RefundGiftCardInput,
    ) -> Result<Option<RefundGiftCardPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (card, user_errors) = split(refund(loyalty, actor, input).await)?;
        Ok(Some(RefundGiftCardPayload { card: card.map(Card::from), user_errors }))
    }
}

async fn issue(loyalty: &Loyalty, actor: &Actor, input: IssueGiftCardInput) -> CoreResult<Issued> {
    let request = IssueGiftCard {
        points: input.points.0,
        point_type: input.point_type,
        expires_at: input.expires_at.map(|DateTime(at)| at),
        code: brought(input.code.as_deref())?,
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.cards().issue_gift(actor, &request).await
}

async fn split_card(
    loyalty: &Loyalty,
    actor: &Actor,
    input: SplitGiftCardInput,
) -> CoreResult<Issued> {
    let request = SplitGiftCard {
        card: input.card.parse_at("card")?,
        points: input.points.0,
        point_type: input.point_type,
        code: brought(input.code.as_deref())?,
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.cards().split_gift(actor, &request).await
}

async fn claim(
    loyalty: &Loyalty,
    actor: &Actor,
    input: ClaimGiftCardInput,
) -> CoreResult<cards::Card> {
    let (card, member) = (input.card.parse_at("card")?, input.member.parse()?);
    loyalty.merging().claim(actor, &ClaimGiftCard { card, member }).await
}

async fn refund(
    loyalty: &Loyalty,
    actor: &Actor,
    input: RefundGiftCardInput,
) -> CoreResult<cards::Card> {
    let request = RefundGiftCard { card: input.card.parse_at("card")?, reason: input.reason };
    loyalty.cards().refund_gift(actor, &request).await
}
