//! Returns: what of a purchase came back, and what follows from it.
//!
//! | what | becomes |
//! | --- | --- |
//! | points that the returned part had earned | taken back: out of the lot that the purchase made, then out of those that expire first; what was spent is owed, as far as the program lets a member owe; what expired is nobody's any more |
//! | the member's statistics and tier | what they were without the returned part |
//! | a referral that the purchase completed | pending again, and its points taken back from both, once the member has no purchase left |
//! | what a group got for it | taken back from the group in the same way (`groups.rs`), also when the buyer was erased (`erased.rs`) |
//! | points that had paid for it | given back to whoever paid, the last first (`refunds.rs`), also when the buyer was erased |
//! | the purchase | as it was, with what came back beside it |
//!
//! What each line earned was kept with it, so what a part of it had earned is arithmetic
//! (`plan.rs`): returns in any order, in any portions, take the same points in the end.
//!
//! A batch of returns is two statements, like a batch of purchases: a look (`look.rs`) and a commit.
//! What was looked up of a member holds for one return, so a member's second return of a batch waits
//! for the next.

mod bought;
mod earned;
mod effect;
mod erased;
mod groups;
mod look;
mod model;
mod plan;
mod portion;
mod record;
mod refunds;
mod rows;
mod write;

pub(crate) use bought::Bought;
pub(crate) use effect::{By, Effect, TookBack};
pub(crate) use erased::{is_known_by, known_by};
pub(crate) use groups::of_share;
pub(crate) use look::{CHANGED, Found, ask_bought, name_bought};
pub(crate) use plan::{is_whole, more_than_is_left, unknown_line};
pub(crate) use portion::{LineState, Part, Portion, Taken, parts_since};
pub(crate) use record::no_purchase;
pub(crate) use rows::EarningRow;
pub(crate) use write::{Written, write};

pub use model::{
    AccrualTaken, LineRef, NewReturn, Refund, RefundedTo, ReturnReceipt, Returned, ReturnedLine,
    ReturnedPart,
};

use crate::context::Context;
use crate::operation::Combiner;
use crate::{Actor, Result, Scope};
use std::sync::Arc;

/// The service. Get it from [`crate::Loyalty::returns`].
#[derive(Clone, Copy, Debug)]
pub struct Returns<'a> {
    pub(crate) context: &'a Arc<Context>,
    pub(crate) combiner: &'a Arc<Combiner<NewReturn>>,
}

impl Returns<'_> {
    /// Records what of a purchase came back. The reference is the idempotency key within the
    /// purchase: a repeat with the same arguments returns the first receipt. Fails with
    /// `PURCHASE_NOT_FOUND`, `LINE_NOT_FOUND`, `MORE_THAN_IS_LEFT`, `REFERENCE_REUSED` or
    /// `INVALID_INPUT`; nothing changes then.
    pub async fn record(self, actor: &Actor, request: NewReturn) -> Result<ReturnReceipt> {
        actor.require(Scope::PurchasesWrite)?;
        self.combiner.decide(self.context, actor.clone(), request).await
    }
}
