//! Edits: an order that was changed after it was recorded, reported as it is now.
//!
//! | what | becomes |
//! | --- | --- |
//! | what is there as before | as it was: it keeps what it earned |
//! | what was taken away: a line, items, a part of its price | a return of it, by the same arithmetic |
//! | what was added: a line, items, a higher price | what the order earns by it, as if it had been bought at once (`worth.rs`), at the order's instant |
//! | what points have paid of what is gone | paid of what takes its place; the rest is given back |
//! | the member's statistics and tier | moved by the difference; it stays one purchase |
//! | an order of which nothing is left | a purchase that came back as a whole |
//! | what a group got for the order | the same, by the group's own row of it (`booking.rs`) |
//!
//! `plan.rs` says what an edit adds and takes away: arithmetic. `order.rs` shows rules and plugins the
//! order as it was and as it is. What was added is earned before
//! what was taken away is taken back, so only the difference is ever missing; caps are asked as if
//! it had been taken back already.
//!
//! A batch of edits is two statements, like one of returns: a look (`look.rs`) and a commit. Where caps of
//! a period or the activity of members ask what happened about the time of the order, one more look
//! follows the first, which says when that was.

mod booking;
mod effect;
mod look;
mod model;
mod order;
mod plan;
mod record;
mod rows;
mod worth;
mod write;

pub(crate) use look::{NAMED, look_about};
pub use model::{AccrualEdited, EditReceipt, NewEdit, Removed};

use crate::context::Context;
use crate::operation::Combiner;
use crate::{Actor, Result, Scope};
use std::sync::Arc;

/// The service. Get it from [`crate::Loyalty::edits`].
#[derive(Clone, Copy, Debug)]
pub struct Edits<'a> {
    pub(crate) context: &'a Arc<Context>,
    pub(crate) combiner: &'a Arc<Combiner<NewEdit>>,
}

impl Edits<'_> {
    /// Records an order as it is now. The reference is the idempotency key within the purchase: a
    /// repeat with the same arguments returns the first receipt. Fails with `PURCHASE_NOT_FOUND`,
    /// `MORE_THAN_IS_LEFT`, `REFERENCE_REUSED`, `CAP_REACHED` or what a cart fails with; nothing
    /// changes then.
    pub async fn record(self, actor: &Actor, request: NewEdit) -> Result<EditReceipt> {
        actor.require(Scope::PurchasesWrite)?;
        self.combiner.decide(self.context, actor.clone(), request).await
    }

    /// What recording an edit would return now. Its reference is not looked at.
    pub async fn quote(self, actor: &Actor, request: &NewEdit) -> Result<EditReceipt> {
        actor.require_any(&[Scope::Read, Scope::PurchasesWrite])?;
        record::quote(self.context, actor, request).await
    }
}
