//! The ledger: double-entry transactions over lots of points.
//!
//! Truth is append-only: a transaction and its entries, which sum to zero, are written once. Wallets and lots are derived rows,
//! kept in the same transaction. All writes of a member's wallet happen under the lock of the member's standing; what is spent
//! is decided there, never by reading first and writing later. Programs' own accounts are named by entries and have no row, so
//! that no earn of one member waits for another's.

mod batch;
mod lots;
mod statement;

pub(crate) use batch::{Batch, Earning};
pub(crate) use lots::{Spending, expire, spend};
pub use statement::{Balance, Expiring, Transaction};

use crate::db::rows;
use crate::events::{self, NewEvent};
use crate::members;
use crate::page::{Page, PageRequest};
use crate::programs::Program;
use crate::{Actor, Loyalty, MemberId, Points, Result, Scope, Subject, TransactionId};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// The most wallets that one sweep expires in one transaction.
const SWEEP_MAX: u64 = 200;

/// What a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Earn,
    Spend,
    Expire,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Earn => "EARN",
            Self::Spend => "SPEND",
            Self::Expire => "EXPIRE",
        }
    }
}

/// The service. Get it from [`Loyalty::ledger`].
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Ledger<'_> {
    /// What a member can spend now, and when what of it expires.
    pub async fn balance(self, actor: &Actor, member: MemberId) -> Result<Balance> {
        self.balances(actor, &[member]).await?.remove(&member).ok_or_else(members::not_found)
    }

    /// What many members can spend; unknown ids are left out.
    pub async fn balances(
        self,
        actor: &Actor,
        members: &[MemberId],
    ) -> Result<BTreeMap<MemberId, Balance>> {
        actor.require_for_all(members, Scope::Read)?;
        let program = self.loyalty.programs().current(actor.program()).await?;
        statement::balances(self.loyalty.db().read(), &program, members).await
    }

    /// A transaction; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, id: TransactionId) -> Result<Option<Transaction>> {
        let found = statement::find(self.loyalty.db().read(), actor.program(), id).await?;
        Ok(found.filter(|found| actor.require_for(found.member_id, Scope::Read).is_ok()))
    }

    /// A member's transactions, the newest first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<TransactionId>,
    ) -> Result<Page<Transaction>> {
        actor.require_for(member, Scope::Read)?;
        statement::transactions(self.loyalty.db().read(), actor.program(), Some(member), page).await
    }

    /// All transactions of the program, the newest first.
    pub async fn list(
        self,
        actor: &Actor,
        page: PageRequest<TransactionId>,
    ) -> Result<Page<Transaction>> {
        actor.require(Scope::Read)?;
        statement::transactions(self.loyalty.db().read(), actor.program(), None, page).await
    }

    /// Writes down what has expired by the program's now; answers how many wallets it changed, at most [`SWEEP_MAX`].
    pub(crate) async fn sweep(self, program: &Program) -> Result<usize> {
        #[derive(FromQueryResult)]
        struct Due {
            member_id: MemberId,
        }
        const SELECT: &str = "SELECT DISTINCT w.member_id FROM lots l \
             JOIN wallets w ON w.program_id = l.program_id AND w.id = l.wallet_id \
             WHERE l.program_id = $1 AND l.remaining > 0 AND l.expires_at <= $2 LIMIT $3";
        let db = self.loyalty.db().read();
        let values = [rows::id(program.id), program.now.into(), rows::limit(SWEEP_MAX)];
        let due = Due::find_by_statement(rows::sql(db, SELECT, values)).all(db).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let members: Vec<_> = due.into_iter().map(|due| due.member_id).collect();
        let tx = self.loyalty.db().begin().await?;
        let mut locked = members::lock(&tx, program.id, &members).await?;
        let mut batch = Batch::new(program.id, self.loyalty.now(), &Subject::System);
        let told = expire(&tx, &mut batch, program.id, &mut locked, program.now).await?;
        batch.write(&tx).await?;
        members::store(&tx, program.id, locked.values()).await?;
        events::append(&tx, program.id, told, self.loyalty.now()).await?;
        tx.commit().await?;
        self.loyalty.wake();
        Ok(members.len())
    }

    /// The first instant at which points of the program expire.
    pub(crate) async fn next_expiry(self, program: &Program) -> Result<Option<crate::Timestamp>> {
        #[derive(FromQueryResult)]
        struct Next {
            at: Option<crate::Timestamp>,
        }
        const SELECT: &str = "SELECT MIN(expires_at) AS at FROM lots \
             WHERE program_id = $1 AND remaining > 0 AND expires_at IS NOT NULL";
        let db = self.loyalty.db().read();
        let statement = rows::sql(db, SELECT, [rows::id(program.id)]);
        Ok(Next::find_by_statement(statement).one(db).await?.and_then(|next| next.at))
    }
}

/// The event that tells of an earn.
pub(crate) fn earned(
    member: &mut members::Locked,
    transaction: TransactionId,
    points: Points,
    reason: &str,
    at: crate::Timestamp,
) -> NewEvent {
    let data = serde_json::json!({
        "transactionId": transaction, "points": points, "balance": member.balance, "reason": reason,
    });
    NewEvent::of(member, "points-earned", at, data)
}
