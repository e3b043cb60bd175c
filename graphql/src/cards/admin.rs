//! Cards in the admin schema: what is shown of them, and finding them.

use super::{CardKind, CardStatus, card_id};
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::members::admin::Member;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, ID, Object, Result};
use perennial_core::cards::{self, CardCode, CardRef};
use perennial_core::{Code, Error, MemberId};

#[derive(Debug)]
pub(crate) struct Card(cards::Card);

impl From<cards::Card> for Card {
    fn from(card: cards::Card) -> Self {
        Self(card)
    }
}

/// A code by which an account is found. The code itself is kept nowhere.
#[Object]
impl Card {
    /// The card's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Card(self.0.id).into()
    }

    /// What the card is a code for.
    async fn kind(&self) -> CardKind {
        self.0.kind.into()
    }

    /// The member whose account it is: of a gift card that was not claimed a member of the kind
    /// `GIFT_CARD`, which is the card's own. Requires the scope `members:read`.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.0.account_id).await?.map(Member::from))
    }

    /// The last four characters of the code.
    async fn last_four(&self) -> &str {
        &self.0.last_four
    }

    /// What can be done with the card.
    async fn status(&self) -> CardStatus {
        self.0.status.into()
    }

    /// The id of the card that stands for the account instead. Null unless it was replaced.
    async fn replaced_by_id(&self) -> Option<ID> {
        self.0.replaced_by.map(|id| GlobalId::Card(id).into())
    }

    /// When the card was issued, according to the program's clock.
    async fn issued_at(&self) -> DateTime {
        self.0.issued_at.into()
    }

    /// When the card was replaced, claimed or refunded. Null while it is active or blocked.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime::from)
    }

    /// How many points a gift card had when it was claimed or refunded. Null of others.
    async fn ended_points(&self) -> Option<Points> {
        self.0.ended_points.map(Points::from)
    }

    /// Why the card is as it is, in the words of whoever made it so. Null if nobody said why.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// The cards of a member.
#[derive(Debug)]
pub(crate) struct MemberCards(pub(crate) MemberId);

#[Object]
impl MemberCards {
    /// Cards by which the member's account is found, or was; the last issued first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn cards(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Card>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.cards().of_member(actor, self.0, page).await?;
        Ok(Some(connection(found, after.as_deref(), |card| card.id, Card::from)))
    }
}

#[derive(Debug, Default)]
pub(crate) struct CardQuery;

#[Object]
impl CardQuery {
    /// A card by `id` or `code`, whatever its status; give exactly one of them. Null if there is none.
    /// Requires the scope `read` or `cards:write`.
    async fn card(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The card's id.")] id: Option<ID>,
        #[graphql(desc = "The card's code, however it is typed.")] code: Option<String>,
    ) -> Result<Option<Card>> {
        let (loyalty, actor) = ctx.caller()?;
        let card = match (id, code) {
            (Some(id), None) => CardRef::Id(card_id(&id, "id")?),
            (None, Some(code)) => CardRef::Code(CardCode::parse(&code)?),
            _ => {
                let why = "give either an id or a code";
                return Err(Error::new(Code::InvalidInput, why).into());
            }
        };
        Ok(loyalty.cards().by_ref(actor, &card).await?.map(Card::from))
    }

    /// The member whose loyalty card has a code, as a till finds one. Null if there is none. An error
    /// with the code `CARD_BLOCKED` or `CARD_REPLACED` if the card is no longer to be used. Requires
    /// the scope `members:read`.
    async fn member_by_card(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The card's code, however it is typed.")] code: String,
    ) -> Result<Option<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = loyalty.cards().member(actor, &CardCode::parse(&code)?).await?;
        Ok(found.map(Member::from))
    }
}
