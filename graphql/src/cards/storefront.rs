//! Gift cards in the storefront schema: for the member who has the code.

use super::CardStatus;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::ledger::{Balance, Wallet};
use crate::members::storefront::Member;
use crate::programs::Audience;
use crate::scalars::Points;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::cards::{BearerCard, Card, CardCode, CardRef};
use perennial_core::members::MemberRef;
use perennial_core::merging::ClaimGiftCard;
use perennial_core::{Actor, Error, Loyalty, MemberId, Result as CoreResult};

#[derive(Debug)]
pub(crate) struct GiftCard(BearerCard);

/// A gift card, as whoever has the code sees it.
#[Object]
impl GiftCard {
    /// What can be done with the card.
    async fn status(&self) -> CardStatus {
        self.0.status.into()
    }

    /// The program's main points that are on the card, and when they expire. Null unless it is active.
    async fn balance(&self) -> Option<Balance> {
        self.0.profile.as_ref().map(|profile| profile.balance().into())
    }

    /// What is on the card of each type of points, the program's main points first. Empty unless it is
    /// active.
    async fn wallets(&self, ctx: &Context<'_>) -> Result<Vec<Wallet>> {
        let audience = Audience::of_session(ctx)?;
        let wallets = self.0.profile.iter().flat_map(|profile| &profile.wallets);
        Ok(wallets.map(|wallet| Wallet::new(&audience, wallet)).collect())
    }
}

/// A gift card to claim.
#[derive(Debug, InputObject)]
#[graphql(name = "ClaimGiftCardInput")]
pub(crate) struct OwnClaimInput {
    /// The card's code, however it is typed.
    code: String,
}

/// Result of claiming a gift card.
#[derive(Debug, SimpleObject)]
#[graphql(name = "ClaimGiftCardPayload")]
pub(crate) struct OwnClaimPayload {
    /// How many points were on the card. Null if the request was refused.
    points: Option<Points>,
    /// The member, who has them now. Null if the request was refused.
    member: Option<Member>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct GiftCardQuery;

#[Object]
impl GiftCardQuery {
    /// The gift card with a code. Null if there is none. Requires a member's token.
    async fn gift_card(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The card's code, however it is typed.")] code: String,
    ) -> Result<Option<GiftCard>> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(loyalty.cards().bearers(actor, &CardCode::parse(&code)?).await?.map(GiftCard))
    }
}

#[derive(Debug, Default)]
pub(crate) struct OwnGiftCardMutation;

#[Object]
impl OwnGiftCardMutation {
    /// Makes what is on a gift card the member's own, with the dates that it has; the card ends.
    /// Repeating the request returns the same.
    async fn claim_gift_card(
        &self,
        ctx: &Context<'_>,
        input: OwnClaimInput,
    ) -> Result<Option<OwnClaimPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let id = ctx.session()?.member()?;
        let (card, user_errors) = split(claim(loyalty, actor, id, &input).await)?;
        let points = card.and_then(|card| card.ended_points).map(Points::from);
        let member = match points {
            Some(_) => Some(loyalty.members().get(actor, id).await?.into()),
            None => None,
        };
        Ok(Some(OwnClaimPayload { points, member, user_errors }))
    }
}

async fn claim(
    loyalty: &Loyalty,
    actor: &Actor,
    member: MemberId,
    input: &OwnClaimInput,
) -> CoreResult<Card> {
    let card = CardRef::Code(CardCode::parse(&input.code)?);
    let claim = ClaimGiftCard { card, member: MemberRef::Id(member) };
    // The request names the card by its code alone.
    let at_code = |error: Error| match error.field() {
        Some("card") => Error::new(error.code(), error.message()).at("code"),
        _ => error,
    };
    loyalty.merging().claim(actor, &claim).await.map_err(at_code)
}
