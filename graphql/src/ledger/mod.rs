//! The ledger: transactions of points and the balance that they add up to.

pub(crate) mod admin;
mod balance;
pub(crate) mod storefront;

pub(crate) use balance::Balance;

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::scalars::{DateTime, Json, Points};
use async_graphql::{Context, Enum, ID, Object, OutputType, Result, SimpleObject};
use perennial_core::{MemberId, ledger};
use std::marker::PhantomData;

/// What a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ledger::Kind", name = "TransactionKind")]
pub(crate) enum Kind {
    /// Points were earned.
    Earn,
    /// Points were spent.
    Spend,
    /// Points expired.
    Expire,
}

/// A change of a member's points.
#[derive(Debug, SimpleObject)]
struct TransactionFields {
    /// The transaction's id.
    id: ID,
    /// What it did.
    kind: Kind,
    /// What the wallet gained, or lost when negative.
    points: Points,
    /// What the wallet held after it.
    balance_after: Points,
    /// When it happened, by the program's clock.
    effective_at: DateTime,
    /// Why: the rule, the program's revision, the plugin with its digest, the purchase.
    explanation: Json,
}

impl From<&ledger::Transaction> for TransactionFields {
    fn from(transaction: &ledger::Transaction) -> Self {
        Self {
            id: transaction.id.to_string().into(),
            kind: transaction.kind.into(),
            points: transaction.points.into(),
            balance_after: transaction.balance_after.into(),
            effective_at: transaction.effective_at.into(),
            explanation: transaction.explanation.clone().into(),
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
    /// What changed the member's points, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Transaction>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.ledger().of_member(actor, self.member, page).await?;
        Ok(connection(found, after.as_deref(), |one| one.id, Transaction::from))
    }
}

impl<Transaction> From<MemberId> for MemberTransactions<Transaction> {
    fn from(member: MemberId) -> Self {
        Self { member, shown_as: PhantomData }
    }
}
