//! Cards, and how they are named.

use super::code::CardCode;
use crate::db::{Field, Kind, push, row};
use crate::{CardId, Code, Error, MemberId, Points, Result, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

row! {
    /// A code for an account, without the code.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Card {
        pub id: CardId,
        /// Whose account it is: a gift card's own, until somebody claims it.
        pub account_id: MemberId,
        pub kind: CardKind,
        /// The last four characters of the code.
        pub last_four: String,
        pub status: CardStatus,
        /// The card that stands for the account instead.
        pub replaced_by: Option<CardId>,
        pub issued_at: Timestamp,
        /// None while it is active or blocked.
        pub ended_at: Option<Timestamp>,
        /// How many points a gift card had when it was claimed or refunded.
        pub ended_points: Option<Points>,
        /// Why it is as it is, where somebody said so.
        pub reason: Option<String>,
    }
}

/// A card that was made.
#[derive(Clone, Debug)]
pub struct Issued {
    pub card: Card,
    /// Said once, by the request that made the card: it is kept nowhere.
    pub code: Option<CardCode>,
}

/// What a card is a code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// A member's account.
    Loyalty,
    /// An account of its own, which is whoever's who has the code.
    Gift,
}

/// What can be done with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardStatus {
    Active,
    /// Nothing, until it is unblocked.
    Blocked,
    /// Nothing any more: another stands for the account.
    Replaced,
    /// Nothing any more: what was on it is a member's.
    Claimed,
    /// Nothing any more: what was on it was taken back.
    Refunded,
}

/// A card by our id or by its code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum CardRef {
    Id(CardId),
    Code(CardCode),
}

impl Card {
    /// Fails with `CARD_BLOCKED`, `CARD_REPLACED` or `CARD_ENDED` unless it is active.
    pub(crate) fn check_active(&self) -> Result<()> {
        match self.status {
            CardStatus::Blocked => Err(Error::new(Code::CardBlocked, "the card is blocked")),
            _ => self.check_open(),
        }
    }

    /// The same of one that may be blocked.
    pub(super) fn check_open(&self) -> Result<()> {
        match self.status {
            CardStatus::Active | CardStatus::Blocked => Ok(()),
            CardStatus::Replaced => {
                Err(Error::new(Code::CardReplaced, "another card stands for the account"))
            }
            CardStatus::Claimed => {
                Err(Error::new(Code::CardEnded, "the card was claimed: it has nothing any more"))
            }
            CardStatus::Refunded => {
                Err(Error::new(Code::CardEnded, "the card was refunded: it has nothing any more"))
            }
        }
    }

    pub(crate) fn is_gift(&self) -> bool {
        self.kind == CardKind::Gift
    }
}

pub(crate) fn no_card() -> Error {
    Error::new(Code::CardNotFound, "there is no such card in this program")
}

/// How something of a few is kept as text.
macro_rules! texts {
    ($name:ident, $noun:literal { $($variant:ident $text:literal,)* }) => {
        impl $name {
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            pub(super) fn parse(text: &str) -> Result<Self> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(Error::internal(format!("there is no {} `{text}`", $noun))),
                }
            }
        }

        impl Field for $name {
            const KIND: Kind = Kind::Text;

            fn write(&self, json: &mut String) {
                push(json, self.as_str());
            }

            fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(column)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

texts! {
    CardKind, "kind of card" {
        Loyalty "LOYALTY",
        Gift "GIFT",
    }
}

texts! {
    CardStatus, "status of a card" {
        Active "ACTIVE",
        Blocked "BLOCKED",
        Replaced "REPLACED",
        Claimed "CLAIMED",
        Refunded "REFUNDED",
    }
}
