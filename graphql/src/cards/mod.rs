//! Cards: codes for accounts. The admin schema issues, replaces, blocks and ends them; the storefront
//! schema shows a gift card to the member who has it, who can claim it.

mod act;
pub(crate) mod admin;
mod gift;
pub(crate) mod storefront;

pub(crate) use act::CardMutation;
pub(crate) use gift::GiftCardMutation;

use async_graphql::{Enum, ID, OneofObject};
use perennial_core::cards::{self, CardCode, CardRef};
use perennial_core::{CardId, Error, Result};

/// What a card is a code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "cards::CardKind")]
pub(crate) enum CardKind {
    /// A member's account.
    Loyalty,
    /// An account of its own. What is on it belongs to whoever has the code.
    Gift,
}

/// What can be done with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "cards::CardStatus")]
pub(crate) enum CardStatus {
    /// It can be used.
    Active,
    /// Nothing can be done with it until it is unblocked.
    Blocked,
    /// Another card stands for the account.
    Replaced,
    /// A member has claimed the gift card: what was on it is in the member's balance.
    Claimed,
    /// What was left on the gift card was taken back.
    Refunded,
}

/// A card by its `id` or its `code`.
#[derive(Debug, OneofObject)]
pub(crate) enum CardRefInput {
    /// The card's id.
    Id(ID),
    /// The card's code, however it is typed.
    Code(String),
}

impl CardRefInput {
    /// The card that a field of an input names. Fails with `INVALID_ID` or `INVALID_INPUT`.
    pub(crate) fn parse_at(self, field: &str) -> Result<CardRef> {
        match self {
            Self::Id(id) => card_id(&id, "id").map(CardRef::Id),
            Self::Code(code) => CardCode::parse(&code).map(CardRef::Code),
        }
        .map_err(|error: Error| error.at(field))
    }
}

/// A card's id as it was given in `field`.
pub(crate) fn card_id(id: &ID, field: &str) -> Result<CardId> {
    id.parse().map_err(|error: Error| error.at(field))
}

/// The code that an input brings, if it does.
fn brought(code: Option<&str>) -> Result<Option<CardCode>> {
    code.map(CardCode::parse).transpose()
}
