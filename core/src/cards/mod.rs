//! Cards: codes by which accounts are found. A loyalty card names a member's account; a gift card is
//! an account of its own, which is whoever's who has the code.
//! `docs/decisions/0034-a-card-is-a-code-for-an-account.md` says why.
//!
//! | what | file |
//! | --- | --- |
//! | codes: how they are made, typed and compared | `code.rs` |
//! | finding cards in a look, by code or id | `look.rs` |
//! | issuing a card for a member, and replacing one | `issue.rs`, written by `write.rs` |
//! | blocking, and the end of that | `block.rs` |
//! | gift cards: making, splitting and refunding them | `gift.rs`, `refund.rs` |
//! | reading, by operators, tills and bearers | `read.rs` |
//! | what becomes of cards when two members are one | `merging.rs` |
//! | what is left of them when their member is erased | `erased.rs` |
//!
//! A gift card is claimed in `core/src/merging/claim.rs`: its account becomes the member's. It pays for
//! a purchase in `core/src/purchases/payment.rs`.
//!
//! Whatever changes a card moves the version of its account, so what was being decided by the card is
//! decided again.

mod block;
mod code;
mod erased;
mod gift;
mod issue;
mod look;
mod merging;
mod model;
mod read;
mod refund;
mod write;

pub use block::{BlockCard, UnblockCard};
pub use code::CardCode;
pub(crate) use erased::keep_digests;
pub use gift::{IssueGiftCard, SplitGiftCard};
pub use issue::{IssueCard, ReplaceCard};
pub(crate) use look::{CardsQuestion, FoundCards, ask_cards};
pub(crate) use merging::{claimed, hand_over, part};
pub use model::{Card, CardKind, CardRef, CardStatus, Issued};
pub use read::BearerCard;
pub use refund::RefundGiftCard;
pub(crate) use refund::check_not_held;

use crate::context::Context;

/// The service. Get it from [`crate::Loyalty::cards`].
#[derive(Clone, Copy, Debug)]
pub struct Cards<'a> {
    pub(crate) context: &'a Context,
}
