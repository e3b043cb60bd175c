//! The ledger: double-entry transactions over lots of points.
//!
//! # Model
//!
//! A **transaction** is a balanced set of **entries**: the one of an account's wallet, and the one
//! of an account of the program's own – ISSUED, PENDING, REDEEMED, HELD, BREAKAGE, ADJUSTED,
//! OPENING, TRANSFERRED, MERGED. Entries sum to zero in each transaction, so they do over all of them. Both are written
//! once; the database refuses to change them. A **wallet** is what an account has of one point type: the sum of its
//! entries, kept beside them. A **lot** is points that were earned together and expire together;
//! lots sum to the wallet and what it owes. Wallets and lots are derived, and could be made again
//! from entries and **lot uses**, which say what each transaction took from which lot – which is
//! what makes a reversal exact.
//!
//! # Posting
//!
//! Points change in an `Operation` and nowhere else (`operation/`). What has expired is taken out
//! before anything is decided about an account, so an answer never depends on when a sweeper ran;
//! the sweep only finds the accounts at which nobody looked.
//!
//! | kind | against | the wallet | its lots |
//! | --- | --- | --- | --- |
//! | EARN | ISSUED | gains | makes one, which pays first what is owed |
//! | PENDING | ISSUED | stays; PENDING gains | makes one that cannot be spent yet |
//! | EARN of those | PENDING | gains | lets it be spent |
//! | SPEND | REDEEMED | loses, never below zero | takes from those that expire first |
//! | HOLD | HELD | loses, never below zero | as SPEND |
//! | RELEASE | HELD | gains | gives back what a HOLD took; what a capture spends is taken out of them first |
//! | EXPIRE | BREAKAGE | loses | takes what is left of those whose time is over |
//! | EXTEND | ISSUED, on both sides | stays | some last longer |
//! | RESTORE | BREAKAGE | gains | gives back what an EXPIRE took too early, less what a return or a void left out because of it |
//! | RETURN | ISSUED | loses, and owes what it has not; of what is pending PENDING loses | takes from that of the purchase, then from those that expire first |
//! | REFUND | REDEEMED | gains | gives back to the lots that a purchase was paid from, those that expire last first |
//! | ADJUST | ADJUSTED | gains or loses, never below zero | as EARN or SPEND |
//! | OPENING | OPENING | gains | as EARN, with the dates that it had in another system |
//! | TRANSFER | TRANSFERRED | loses, never below zero; the other member's gains | as SPEND; of the other one for each instant at which some of them expire |
//! | MERGE | MERGED | loses or gains all; of what is pending PENDING does | go to the other account as they are (`lot_moves`), and pay there what is owed |
//! | VOID | that of the other | the opposite of the other | of what made a lot: as RETURN; else gives back to the lots that were taken from (`lot_returns`), whose ever they are by then; those that are over last for the days of grace from then on |
//!
//! What an operation does to a wallet is decided in memory (`accounts/state.rs`), where properties
//! are tested without a database. A wallet owes what was taken back after it was spent: whoever owes
//! has no open lot, and whatever comes in pays first.
//!
//! # Locks
//!
//! None while anything is decided. An account's row carries a version; a commit names the version
//! that was read, and fails as a whole if it moved. The wallets, lots, statistics, tier, timers and
//! the order of events of an account all hang on that one row, so they are consistent with each
//! other at any version. Where a commit touches many accounts they are locked in the order of their
//! ids. The program's own accounts have no row that is updated: their balances are folded from
//! entries, so no earn waits for another.
//!
//! # What explains a transaction
//!
//! What a purchase earned is explained by the purchase: its appraisal is kept there once, and
//! joined when somebody asks. All else carries its cause: reward, referral, plugin with digest and
//! key (`core/src/operation/cause.rs`). It is one of a closed list of types, kept as JSON whose
//! fields tell which.
//!
//! # Absent
//!
//! No balance of the program's own accounts in the write path. No update or deletion of a
//! transaction: a correction is another one. No floats. No reading of a balance followed by a write
//! that trusts it.

mod adjust;
pub(crate) mod approvals;
mod balance_at;
mod extend;
mod keyed;
mod liability;
mod opening;
pub(crate) mod section;
mod statement;
mod sweep;
mod transfer;
mod void;
mod why;

pub use crate::accounts::Expiring;
pub use crate::members::Balance;
pub use crate::operation::{Kind, cause};
pub(crate) use adjust::AskedFor;
pub use adjust::{Adjust, Adjusted};
pub use approvals::{Approval, ApprovalState, Approved, Decide, Decision, InState};
pub use extend::{Lasting, NAMED_MAX, Relast, WhichPoints};
pub use liability::{
    AHEAD, BookedMonth, ExpiringMonth, Liability, MONTHS_MAX, Month, Movements, Redemption,
};
pub use opening::{NewOpening, OPENINGS_MAX, Opened};
pub use section::TransferTerms;
pub(crate) use statement::ask_transactions;
pub use statement::{Transaction, Which};
pub(crate) use sweep::{Inactivity, Sweep};
pub(crate) use transfer::TransferRow;
pub use transfer::{Recipient, Transfer, Transferred};
pub use why::{Earned, Why};

use crate::context::Context;
use crate::page::{Page, PageRequest};
use crate::{Actor, MemberId, Points, Result, Scope, Timestamp, TransactionId};

/// The service. Get it from [`crate::Loyalty::ledger`].
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub(crate) context: &'a Context,
}

impl Ledger<'_> {
    /// A transaction; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, id: TransactionId) -> Result<Option<Transaction>> {
        let found = statement::find(&self.context.db, actor.program(), id).await?;
        Ok(found.filter(|found| actor.require_for(found.member_id, Scope::Read).is_ok()))
    }

    /// A member's transactions, newest first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        which: &Which,
        page: PageRequest<TransactionId>,
    ) -> Result<Page<Transaction>> {
        actor.require_for(member, Scope::Read)?;
        statement::of_member(&self.context.db, actor.program(), member, which, page).await
    }

    /// What a member could spend of a type of points, the main one if none is named, at an instant,
    /// by what is known of it now. Fails with `FUTURE_INSTANT` or `POINT_TYPE_NOT_FOUND`.
    pub async fn balance_at(
        self,
        actor: &Actor,
        member: MemberId,
        point_type: Option<&str>,
        at: Timestamp,
    ) -> Result<Points> {
        actor.require_for(member, Scope::Read)?;
        balance_at::read(self.context, actor.program(), member, point_type, at).await
    }

    /// All transactions of the program, newest first.
    pub async fn list(
        self,
        actor: &Actor,
        page: PageRequest<TransactionId>,
    ) -> Result<Page<Transaction>> {
        actor.require(Scope::Read)?;
        statement::of_all(&self.context.db, actor.program(), page).await
    }
}
