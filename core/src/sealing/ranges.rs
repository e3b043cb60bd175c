//! Reading what many items name, in the tables' own order where that is how they were recorded, and
//! as columns: a third of what finding each by its key, as JSON, costs the database.
//!
//! Ids begin with the instant at which they were made, so the transactions that the journal lists
//! one after the other are neighbours in their table, and so are their entries and purchases. They
//! are read as a range; those that lie far from the rest, or behind too many others, are found by
//! their keys. So the order decides how long it takes and never what is found.

use super::found::Found;
use super::rows::{
    BroughtRow, EntryRow, ErasedRow, EventRow, LineRow, MessageRow, PurchaseRow, ReturnRow,
    TransactionRow, UseRow,
};
use super::wanted::{Wanted, messages, runs, transactions};
use crate::db::{ColumnRow, Keys, Run, Snapshot, id, limit};
use crate::journal::Item;
use crate::{Id, MemberId, ProgramId, PurchaseId, Result};
use futures::TryStreamExt;
use std::collections::HashSet;
use uuid::Uuid;

/// Rows of a table that belong to an id.
struct Table {
    name: &'static str,
    columns: &'static str,
    key: &'static str,
}

const TRANSACTIONS: Table = Table {
    name: "transactions",
    columns: "r.id, r.account_id, r.kind, r.effective_at, r.recorded_at, r.actor, r.purchase_id,
        CAST(r.explanation AS TEXT) AS explanation, r.salt, r.veil",
    key: "id",
};
const ENTRIES: Table = Table {
    name: "entries",
    columns: "r.transaction_id, CAST(r.seq AS BIGINT) AS seq, r.account_id, r.system_account,
        r.point_type, r.amount, r.balance_after",
    key: "transaction_id",
};
const USES: Table = Table {
    name: "lot_uses",
    columns: "r.transaction_id, r.lot_id, r.amount",
    key: "transaction_id",
};
const RETURNS: Table = Table {
    name: "lot_returns",
    columns: "r.transaction_id, r.used_by, r.lot_id, r.amount",
    key: "transaction_id",
};
const PURCHASES: Table = Table {
    name: "purchases",
    columns: "r.id, r.member_id, r.reference, r.arguments_hash, r.currency, r.total_minor,
        r.purchased_at, r.recorded_at, CAST(r.revision AS BIGINT) AS revision, r.points,
        r.referral_points, r.balance_after, CAST(r.appraisal AS TEXT) AS appraisal,
        CAST(r.standing AS TEXT) AS standing, r.transaction_id, r.accrual_of",
    key: "id",
};
const LINES: Table = Table {
    name: "purchase_lines",
    columns: "r.purchase_id, CAST(r.seq AS BIGINT) AS seq, r.sku, r.category,
        CAST(r.quantity AS BIGINT) AS quantity, r.amount_minor",
    key: "purchase_id",
};
const MESSAGES: Table = Table {
    name: "messages",
    columns: "r.id, r.member_id, r.contact_id, r.plugin_id, r.event_id, r.template, r.locale,
        r.subject, r.body, CAST(r.parameters AS TEXT) AS parameters, r.occurred_at",
    key: "id",
};
const REFERRALS: Table =
    Table { name: "referrals", columns: "r.referred_id, r.referrer_id", key: "referred_id" };
const ERASURES: Table = Table { name: "erasures", columns: "r.member_id, r.seq", key: "member_id" };

const EVENTS: &str = "
    SELECT v.id, v.member_id, v.member_seq, v.name, CAST(v.data AS TEXT) AS data, v.occurred_at,
        v.recorded_at
    FROM {keys} AS k EACH events AS v
    WHERE v.program_id = $1 AND v.member_id = k.id AND v.member_seq >= k.first
        AND v.member_seq <= k.last";

/// Reads for one program over one connection.
pub(crate) struct Reading<'r> {
    pub(crate) snapshot: &'r mut Snapshot,
    pub(crate) program: ProgramId,
    /// Whether somebody was erased, so that it is to be asked who.
    pub(crate) has_erased: bool,
}

impl Reading<'_> {
    /// All that the items name.
    pub(crate) async fn found(&mut self, items: &[Item]) -> Result<Found> {
        let mut found = Found::of(items);
        let (events, messages) = (runs(items), messages(items));
        self.each(EVENTS, Keys::Runs(&events), |row: EventRow| found.add_events([row])).await?;
        let joined: Vec<_> = found.joined().map(|id| id.uuid()).collect();
        self.by_key(&REFERRALS, &joined, |row: BroughtRow| found.add_brought([row])).await?;
        self.by_key(&MESSAGES, &messages, |row: MessageRow| found.add_messages([row])).await?;
        let mut wanted = Wanted::of(transactions(items));
        self.transactions(&mut wanted, &mut found).await?;
        self.entries(&wanted, &mut found).await?;
        self.rest(&wanted, &mut found).await?;
        if self.has_erased {
            self.erased(&events, &mut found).await?;
        }
        found.put_in_order();
        Ok(found)
    }

    /// The transactions that are among the items, with their entries and nothing else.
    pub(crate) async fn moved(&mut self, items: &[Item]) -> Result<Found> {
        let mut found = Found::of(items);
        let mut wanted = Wanted::of(transactions(items));
        self.transactions(&mut wanted, &mut found).await?;
        self.entries(&wanted, &mut found).await?;
        found.put_in_order();
        Ok(found)
    }

    async fn transactions(&mut self, wanted: &mut Wanted, found: &mut Found) -> Result<()> {
        let id = |row: &TransactionRow| row.id.uuid();
        self.first_of(&TRANSACTIONS, wanted, id, |row| found.add_transactions([row])).await
    }

    async fn entries(&mut self, wanted: &Wanted, found: &mut Found) -> Result<()> {
        self.all_of(&ENTRIES, wanted, |row: EntryRow| found.add_entries([row])).await
    }

    /// What belongs to transactions beside their entries.
    async fn rest(&mut self, wanted: &Wanted, found: &mut Found) -> Result<()> {
        self.all_of(&USES, wanted, |row: UseRow| found.add_uses([row])).await?;
        self.all_of(&RETURNS, wanted, |row: ReturnRow| found.add_returns([row])).await?;
        let purchases = found.purchases().map(|id: PurchaseId| id.uuid()).collect();
        let (mut wanted, mut rows, mut lines) = (Wanted::of(purchases), Vec::new(), Vec::new());
        let id = |row: &PurchaseRow| row.id.uuid();
        self.first_of(&PURCHASES, &mut wanted, id, |row| rows.push(row)).await?;
        self.all_of(&LINES, &wanted, |row: LineRow| lines.push(row)).await?;
        found.add_purchases(rows, lines);
        Ok(())
    }

    /// Of the members whom the items are about: those who were erased.
    async fn erased(&mut self, events: &[Run], found: &mut Found) -> Result<()> {
        let of_rows = found.members().map(|id: MemberId| id.uuid());
        let members: HashSet<Uuid> = of_rows.chain(events.iter().map(|run| run.id)).collect();
        let members: Vec<_> = members.into_iter().collect();
        let mut rows = Vec::new();
        self.by_key(&ERASURES, &members, |row: ErasedRow| rows.push(row)).await?;
        found.add_erased(rows);
        Ok(())
    }

    /// The rows that are looked for, one for each id; the range ends where too many others stand
    /// between them.
    async fn first_of<R: ColumnRow>(
        &mut self,
        table: &Table,
        wanted: &mut Wanted,
        key: impl Fn(&R) -> Uuid,
        mut take: impl FnMut(R),
    ) -> Result<()> {
        if let Some((from, to)) = wanted.range {
            let most = 2 * wanted.ids.len() as u64;
            let (mut rows, mut last) = (0, from);
            self.range(table, (from, to), most, |row| {
                let id = key(&row);
                (rows, last) = (rows + 1, id);
                if wanted.has(id) {
                    take(row);
                }
            })
            .await?;
            if rows == most {
                wanted.range = Some((from, last));
            }
        }
        let beside = wanted.beside();
        self.by_key(table, &beside, take).await
    }

    /// All rows of the ids that are looked for.
    async fn all_of<R: ColumnRow>(
        &mut self,
        table: &Table,
        wanted: &Wanted,
        mut take: impl FnMut(R),
    ) -> Result<()> {
        if let Some(range) = wanted.range {
            self.range(table, range, i64::MAX.unsigned_abs(), &mut take).await?;
        }
        let beside = wanted.beside();
        self.by_key(table, &beside, take).await
    }

    async fn range<R: ColumnRow>(
        &mut self,
        table: &Table,
        (from, to): (Uuid, Uuid),
        most: u64,
        mut take: impl FnMut(R),
    ) -> Result<()> {
        let Table { name, columns, key } = table;
        let sql = format!(
            "SELECT {columns} FROM {name} AS r
            WHERE r.program_id = $1 AND r.{key} >= $2 AND r.{key} <= $3
            ORDER BY r.{key}
            LIMIT $4"
        );
        let values = [id(self.program), from.into(), to.into(), limit(most)];
        let mut rows = self.snapshot.stream(&sql, values);
        while let Some(row) = rows.try_next().await? {
            take(R::of(&row)?);
        }
        Ok(())
    }

    async fn by_key<R: ColumnRow>(
        &mut self,
        table: &Table,
        ids: &[Uuid],
        take: impl FnMut(R),
    ) -> Result<()> {
        let Table { name, columns, key } = table;
        let sql = format!(
            "SELECT {columns} FROM {{keys}} AS k EACH {name} AS r
            WHERE r.program_id = $1 AND r.{key} = k.id"
        );
        self.each(&sql, Keys::Ids(ids), take).await
    }

    async fn each<R: ColumnRow>(
        &mut self,
        sql: &str,
        keys: Keys<'_>,
        mut take: impl FnMut(R),
    ) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut rows = self.snapshot.stream_of(self.program, sql, keys);
        while let Some(row) = rows.try_next().await? {
            take(R::of(&row)?);
        }
        Ok(())
    }
}
