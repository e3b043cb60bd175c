//! The ledger: transactions of points and the balance that they add up to.

pub(crate) mod admin;
pub(crate) mod approvals;
mod balance;
mod cause;
pub(crate) mod correct;
pub(crate) mod extend;
pub(crate) mod liability;
mod point_type;
pub(crate) mod storefront;
pub(crate) mod transfer;

pub(crate) use balance::Balance;
pub(crate) use point_type::{PointType, Wallet};

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, Enum, ID, Object, OutputType, Result, SimpleObject};
use cause::TransactionCause;
use perennial_core::{MemberId, ledger};
use std::marker::PhantomData;

/// The kind of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ledger::Kind", name = "TransactionKind")]
pub(crate) enum Kind {
    /// Points were earned, or can be spent from now on that were pending.
    Earn,
    /// Points were earned that cannot be spent yet: the balance stays.
    Pending,
    /// Points were spent.
    Spend,
    /// Points expired.
    Expire,
    /// Points that had expired too early, by a clock that was wrong or before an activity of the
    /// member was reported, were given back.
    Restore,
    /// Points were given by the operator, or taken if the number is negative; a plugin takes points so, too.
    Adjust,
    /// Points that the member had in another system were taken over; it had given them, not this
    /// program.
    Opening,
    /// Points were given to another member if the number is negative, or got from one.
    Transfer,
    /// Two accounts became one: all points left the one, or came to the other. Two members turned out to
    /// be one, or a member claimed a gift card.
    Merge,
    /// Points last longer than they were to: the balance stays.
    Extend,
    /// Another transaction, which was wrong, was made good.
    Void,
    /// Points were taken back because something of a purchase came back.
    Return,
    /// Points that had paid for a purchase were given back because something of it came back.
    Refund,
    /// Points were reserved.
    Hold,
    /// Points that were reserved are free again; what was captured of them is spent by another
    /// transaction.
    Release,
}

/// The fields of a transaction that both schemas show.
#[derive(Debug, SimpleObject)]
struct TransactionFields {
    /// The transaction's id.
    id: ID,
    /// Whether points were earned, spent, expired, given back or corrected.
    kind: Kind,
    /// The id in the program file of the type of the points; `points` for the main ones.
    point_type: String,
    /// Change in the balance, or in what is pending if that is what the transaction is about;
    /// negative if points were spent, expired or taken. Of the kind `EXTEND`, how many last longer.
    points: Points,
    /// The balance of that type after the transaction.
    balance_after: Points,
    /// When the transaction took effect, according to the program's clock.
    effective_at: DateTime,
    /// When the transaction was recorded, according to the server's clock. `balanceAfter` is the
    /// balance of that time: what is recorded late stands where it took effect.
    recorded_at: DateTime,
    /// Why the points changed. Null if a later version of the server has written it, and this one
    /// does not know it.
    cause: Option<TransactionCause>,
}

impl From<ledger::Transaction> for TransactionFields {
    fn from(transaction: ledger::Transaction) -> Self {
        Self {
            id: transaction.id.to_string().into(),
            kind: transaction.kind.into(),
            point_type: transaction.point_type.id().to_owned(),
            points: transaction.points.into(),
            balance_after: transaction.balance_after.into(),
            effective_at: transaction.effective_at.into(),
            recorded_at: transaction.recorded_at.into(),
            cause: transaction.why.map(|why| TransactionCause::new(transaction.member_id, why)),
        }
    }
}

/// The transactions of a member, each as the `Transaction` of one schema.
#[derive(Debug)]
pub(crate) struct MemberTransactions<Transaction> {
    member: MemberId,
    shown_as: PhantomData<fn() -> Transaction>,
}

#[Object]
impl<Transaction> MemberTransactions<Transaction>
where
    Transaction: OutputType + From<ledger::Transaction>,
{
    /// Transactions of the member, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only transactions of these kinds.")] kinds: Option<Vec<Kind>>,
        #[graphql(desc = "Only transactions that took effect at this time or later.")] from: Option<
            DateTime,
        >,
        #[graphql(desc = "Only transactions that took effect before this time.")] until: Option<
            DateTime,
        >,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Transaction>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let which = ledger::Which {
            kinds: kinds.map(|kinds| kinds.into_iter().map(ledger::Kind::from).collect()),
            from: from.map(|DateTime(at)| at),
            until: until.map(|DateTime(at)| at),
        };
        let found = loyalty.ledger().of_member(actor, self.member, &which, page).await?;
        Ok(Some(connection(found, after.as_deref(), |one| one.id, Transaction::from)))
    }
}

/// What a member could spend in the past.
#[derive(Debug)]
pub(crate) struct MemberPast(pub(crate) MemberId);

#[Object]
impl MemberPast {
    /// The points that the member could spend at a time that is not in the future, by all that is
    /// known of it now: what was reported later counts from when it happened. So it is below zero where
    /// an order was paid with points that were earned after its date, and between what a return took
    /// back and what paid that.
    async fn balance_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The time, not later than now.")] at: DateTime,
        #[graphql(
            desc = "The id of the type of points in the program file. Default: the main points."
        )]
        point_type: Option<String>,
    ) -> Result<Option<Points>> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(Some(
            loyalty.ledger().balance_at(actor, self.0, point_type.as_deref(), at.0).await?.into(),
        ))
    }
}

impl<Transaction> From<MemberId> for MemberTransactions<Transaction> {
    fn from(member: MemberId) -> Self {
        Self { member, shown_as: PhantomData }
    }
}
