//! Purchases: a shop reports an order, the member earns. A quote decides the same without writing
//! it, so what a cart shows is what the purchase brings.
//!
//! # A batch, from the top down
//!
//! | step | file | what |
//! | --- | --- | --- |
//! | check | `check.rs` | each request by itself: amounts, currency, instants |
//! | look | `look.rs` | one statement: members, states, referrals, known references, plugins' states |
//! | effect | `effect.rs` | what a purchase does: appraisal, statistics, points, referral, tier |
//! | payment | `payment.rs` | what points pay of it, out of whose accounts (`payers.rs`); what each has paid (`sources.rs`) |
//! | accrual | `accrual.rs` | whose accounts get it: the member's, a group's, both |
//! | write | `write.rs` | the rows of the purchase itself |
//! | record | `record.rs` | the batch: a slot per request, each with its own answer; one commit |
//! | together | `operation/together.rs` | members are claimed, so that batches do not outrun each other; one that is outrun becomes smaller |
//! | combine | `operation/combine.rs` | requests that arrive while a commit is in flight become the next batch |
//!
//! # Statements and round trips
//!
//! A batch of any size is two statements: the look, and the commit with one part per table that has
//! rows. On PostgreSQL each is one round trip; on SQLite each is one message to a connection's
//! thread. Nothing is locked between them: plugins are asked while the batch is decided in memory.
//! If an account moved meanwhile – another node, an adjustment, a plugin's award – nothing is
//! written, and the batch is decided again from a new look, by ever smaller parts from the third
//! attempt on.
//!
//! # Bounds
//!
//! A batch has at most 256 purchases, a purchase 500 lines. A part is decided at most 24 times, and
//! each time for at most three seconds: for what slow plugins leave no time, the next batch follows.
//! Lanes belong to programs. A lane has one batch in flight and at most 4,096 purchases waiting; a
//! member's purchases take the same lane, by whichever id. What one request brings is a batch of its
//! own beside the lanes; it and theirs wait for each other where they have a member in common, so a
//! node does not outrun itself.
//!
//! # Repeats
//!
//! The shop's reference is the idempotency key, permanently: it is unique in the program, and the
//! purchase keeps what its receipt said. A repeat finds it in the look, within a batch by its slot,
//! and between nodes by the unique key at commit.

mod accrual;
mod check;
mod effect;
mod look;
mod missed;
mod model;
mod parts;
mod past;
mod payers;
mod payment;
mod read;
mod record;
mod referral;
mod sources;
mod write;

pub use crate::cart::{Cart, LINES_MAX, Line};
pub use crate::tiers::TierStanding;
pub(crate) use accrual::EarnedBy;
pub(crate) use effect::advance;
pub(crate) use past::Recorded;
pub(crate) use read::of_member;
pub(crate) use referral::Completing;

pub(crate) use missed::{MissedFound, MissedRow, cuts_of, due_at, fault_of};

pub use missed::{MissedAppraisal, Outcome, Reappraised};
pub use payers::SOURCES_MAX;

pub use model::{
    Accrued, EditedLine, NewPurchase, Paid, PaidBy, PaySource, PayWith, PayerKind, PaymentQuote,
    Purchase, PurchaseEdit, PurchaseLine, PurchaseRef, PurchaseReturn, Quote, Receipt,
    ReturnedLine,
};

use crate::context::Context;
use crate::members::MemberRef;
use crate::operation::{BATCH_MAX, Combiner, decide_many};
use crate::{Actor, Code, Error, Result, Scope};
use std::sync::Arc;

/// The service. Get it from [`crate::Loyalty::purchases`].
#[derive(Clone, Copy, Debug)]
pub struct Purchases<'a> {
    pub(crate) context: &'a Arc<Context>,
    pub(crate) recorder: &'a Arc<Combiner<NewPurchase>>,
}

impl Purchases<'_> {
    /// Records a purchase and what it earns. The reference is the idempotency key: a repeat with
    /// the same arguments returns the first receipt, with other arguments it is refused with
    /// `REFERENCE_REUSED`. Fails with `UNAVAILABLE` when too many of the program are waiting.
    pub async fn record(self, actor: &Actor, purchase: NewPurchase) -> Result<Receipt> {
        actor.require(Scope::PurchasesWrite)?;
        self.recorder.decide(self.context, actor.clone(), purchase).await
    }

    /// Records many, in order; each has its own result.
    pub async fn record_many(
        self,
        actor: &Actor,
        purchases: Vec<NewPurchase>,
    ) -> Result<Vec<Result<Receipt>>> {
        actor.require(Scope::PurchasesWrite)?;
        if purchases.len() > BATCH_MAX {
            let why = format!("at most {BATCH_MAX} purchases in one request");
            return Err(Error::new(Code::TooMany, why).at("purchases"));
        }
        let requests: Vec<_> =
            purchases.into_iter().map(|purchase| (actor.clone(), purchase)).collect();
        decide_many(self.context, actor.program(), &requests).await
    }

    /// What a purchase would earn now, all or part of it paid with points if that is asked for.
    pub async fn quote(
        self,
        actor: &Actor,
        member: &MemberRef,
        cart: &Cart,
        pay_with: Option<PayWith>,
    ) -> Result<Quote> {
        record::quote(self.context, actor, member, cart, pay_with).await
    }
}
