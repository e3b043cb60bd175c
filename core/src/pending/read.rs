//! Reading what is pending.

use super::PendingPoints;
use crate::accounts::{Expiry, PointType};
use crate::db::select::Select;
use crate::db::{id, instant, limit, row};
use crate::page::{Page, PageRequest};
use crate::{
    AccountId, Actor, Error, LotId, MemberId, Points, PurchaseId, Result, Scope, Timestamp,
    TransactionId,
};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// Points that cannot be spent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The transaction that earned them.
    pub transaction: TransactionId,
    pub member: MemberId,
    pub point_type: PointType,
    /// How many are left: a return takes from them first.
    pub points: Points,
    pub purchase: Option<PurchaseId>,
    /// From when on they can be spent; none while nobody knows.
    pub available_at: Option<Timestamp>,
    /// The event that they wait for, if they do.
    pub awaits: Option<String>,
    /// For people.
    pub reason: String,
}

row! {
    #[derive(Clone, Debug, FromQueryResult)]
    pub(super) struct PendingRow {
        pub(super) transaction_id: TransactionId,
        pub(super) account_id: AccountId,
        pub(super) lot_id: LotId,
        point_type: PointType,
        pub(super) purchase_id: Option<PurchaseId>,
        awaits: Option<String>,
        days: i32,
        expiry: Value,
        reason: String,
        pub(super) outcome: Option<String>,
        pub(super) earn_id: Option<TransactionId>,
        pub(super) pending_until: Option<Timestamp>,
        remaining: Points,
    }
}

const OPEN: &str = "
    SELECT a.transaction_id, a.account_id, a.lot_id, a.point_type, a.purchase_id, a.awaits, a.days,
        a.expiry, a.reason, a.outcome, a.earn_id, l.pending_until, l.remaining
    FROM pendings AS a
    JOIN lots AS l ON l.program_id = $1 AND l.account_id = a.account_id AND l.id = a.lot_id
    WHERE a.program_id = $1 AND a.ended_at IS NULL AND l.pending_until > $3";

impl PendingPoints<'_> {
    /// What of a member is pending, the last earned first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<TransactionId>,
    ) -> Result<Page<Pending>> {
        actor.require_for(member, Scope::Read)?;
        let now = self.context.program(actor.program()).await?.now;
        let db = &self.context.db;
        let values = [id(actor.program()), limit(page.first + 1), instant(now)];
        let statement = Select::new(OPEN, values)
            .and("a.account_id = {}", Some(id(AccountId::from(member))))
            .and("a.transaction_id < {}", page.after.map(id))
            .ending(db.read(), " ORDER BY a.transaction_id DESC LIMIT $2");
        let found = PendingRow::find_by_statement(statement).all(db.read()).await?;
        Page::of(found, page.first).try_map(|row| Ok(row.pending()))
    }
}

impl PendingRow {
    /// For how many days more after its event.
    pub(super) fn days(&self) -> u16 {
        u16::try_from(self.days).unwrap_or_default()
    }

    /// How long they last once they can be spent.
    pub(super) fn expiry(&self) -> Result<Expiry> {
        serde_json::from_value(self.expiry.clone())
            .map_err(|error| Error::internal("how long points last").caused_by(error))
    }

    /// The same, pending until then.
    pub(super) fn scheduled(self, until: Timestamp) -> Pending {
        Self { pending_until: Some(until), ..self }.pending()
    }

    pub(super) fn pending(self) -> Pending {
        Pending {
            transaction: self.transaction_id,
            member: self.account_id.into(),
            point_type: self.point_type,
            points: self.remaining,
            purchase: self.purchase_id,
            awaits: self.awaits.filter(|_| self.pending_until == Some(Timestamp::LAST)),
            available_at: self.pending_until.filter(|until| *until < Timestamp::LAST),
            reason: self.reason,
        }
    }
}
