//! Liability: what a program owes its members in points, how it came about month by month, and what
//! of it will expire.
//!
//! Everything is folded from entries and lots by one statement, in one snapshot. The program's own
//! accounts have no rows that could be read instead, so that no earn waits for another; a report is
//! read once a month, and reading each entry once is what that costs.
//!
//! A month's movements are what took effect in it, by the program's clock and time zone: what was
//! reported late is in the month in which it happened, as in a member's statement. Points are good
//! to the end of the last month in which they could be spent, so what expires at the first instant
//! of a month is of the month before. What is due and nobody has written down yet is included.

mod fold;
mod month;
mod read;
mod span;

pub use month::Month;

use super::Ledger;
use crate::text::invalid;
use crate::{Actor, PointType, Points, Result, Scope, Timestamp};
use tokio::sync::Semaphore;

/// As many months of the past as are reported at most, the current one among them.
pub const MONTHS_MAX: u16 = 36;
/// How many months of expiries are told apart, the current one among them.
pub const AHEAD: u16 = 24;

/// Each report reads all entries of a program, so they take turns.
static TURN: Semaphore = Semaphore::const_new(1);

/// What a program owes in points of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Liability {
    pub point_type: PointType,
    /// The program's now.
    pub at: Timestamp,
    /// What can be spent.
    pub outstanding: Points,
    /// What open holds have reserved.
    pub held: Points,
    /// What is earned and cannot be spent yet.
    pub pending: Points,
    /// What members owe, who spent what was taken back.
    pub owed: Points,
    /// Outstanding, held and pending, less what is owed.
    pub total: Points,
    /// Of what is outstanding, the part that expires in each month, from the current one on.
    pub expiring: Vec<ExpiringMonth>,
    /// What expires after these months.
    pub expiring_later: Points,
    pub never_expiring: Points,
    /// The months of the report, oldest first; the last is the current one, until now.
    pub months: Vec<BookedMonth>,
    pub redemption: Redemption,
}

/// What expires in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiringMonth {
    pub month: Month,
    pub points: Points,
    /// How many of them are left by then if members go on to redeem as they did.
    pub expected: Points,
}

/// A month: what was owed before it, what changed that, and what was owed after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookedMonth {
    pub month: Month,
    pub opening: Points,
    pub movements: Movements,
    pub closing: Points,
}

/// How a month changed what is owed; below zero where it became less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movements {
    /// Taken over from another system.
    pub opened: Points,
    /// Earned, pending or not.
    pub earned: Points,
    /// Given by operators, less what they took.
    pub adjusted: Points,
    pub redeemed: Points,
    /// Expired, less what had expired too early.
    pub expired: Points,
    /// Taken back with returns.
    pub returned: Points,
    /// By making other transactions good.
    pub voided: Points,
}

/// How members redeemed in the full months of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redemption {
    /// Points that were redeemed in them.
    pub redeemed: Points,
    /// Of so many: what was owed at the beginning of each of them, added up.
    pub of: Points,
}

impl Ledger<'_> {
    /// What the program owes, by type of points, the main one first; of one type if one is named.
    /// Fails with `POINT_TYPE_NOT_FOUND`, `INVALID_INPUT` or `OVERFLOW`.
    pub async fn liability(
        self,
        actor: &Actor,
        point_type: Option<&str>,
        months: u16,
    ) -> Result<Vec<Liability>> {
        actor.require(Scope::Read)?;
        if !(1..=MONTHS_MAX).contains(&months) {
            return Err(invalid("months", format!("use 1 to {MONTHS_MAX}")));
        }
        let program = self.context.program(actor.program()).await?;
        let only = match point_type {
            Some(id) => Some(program.definition.point_type(Some(id))?.point_type.clone()),
            None => None,
        };
        let turn = TURN.acquire().await;
        let (program, span, sums) = read::sums(self.context, program, months).await?;
        drop(turn);
        fold::liabilities(&program, &span, &sums, only.as_ref())
    }
}
