//! What follows from entries, lot uses and lot returns: that they balance, and that wallets and lots
//! are what they make. A statement each, which adds both sides up and answers where they differ.

use super::Subject;
use super::report::{Check, Fault};
use super::snapshot::Snapshot;
use crate::db::{id, limit};
use crate::{AccountId, Id, LotId, Result, TransactionId};
use sea_orm::QueryResult;
use uuid::Uuid;

/// A statement that answers the key of a row, its type of points if there is one, and what both
/// sides add up to, as `expected` and `found`.
struct Sum {
    name: &'static str,
    of: &'static str,
    /// The table that is wrong if they differ.
    table: &'static str,
    column: &'static str,
    count: &'static str,
    differ: &'static str,
    key: fn(Uuid) -> String,
}

const BALANCED: Sum = Sum {
    name: "transactions sum to zero",
    of: "entries",
    table: "entries",
    column: "sum",
    count: "SELECT CAST(COUNT(*) AS BIGINT) FROM entries WHERE program_id = $1",
    differ: "
        SELECT e.transaction_id, e.point_type, CAST(0 AS BIGINT), CAST(SUM(e.amount) AS BIGINT)
        FROM entries AS e
        WHERE e.program_id = $1
        GROUP BY e.transaction_id, e.point_type
        HAVING SUM(e.amount) <> 0
        ORDER BY e.transaction_id
        LIMIT $2",
    key: |id| TransactionId::from_uuid(id).to_string(),
};
/// What an account gains or loses is in the lots that a transaction made, used and gave back to, and
/// in what is owed by it.
const MOVED: Sum = Sum {
    name: "lots move as entries say",
    of: "transactions",
    table: "entries",
    column: "the accounts' sum",
    count: "SELECT CAST(COUNT(*) AS BIGINT) FROM transactions WHERE program_id = $1",
    differ: "
        SELECT q.id, '', CAST(SUM(q.moved) AS BIGINT), CAST(SUM(q.posted) AS BIGINT)
        FROM (
            SELECT transaction_id AS id, amount AS posted, 0 AS moved
            FROM entries
            WHERE program_id = $1 AND account_id IS NOT NULL
            UNION ALL
            SELECT transaction_id, 0, amount FROM lots WHERE program_id = $1
            UNION ALL
            SELECT transaction_id, 0, -amount FROM lot_uses WHERE program_id = $1
            UNION ALL
            SELECT transaction_id, 0, amount FROM lot_returns WHERE program_id = $1
            UNION ALL
            SELECT transaction_id, 0, -amount FROM debts WHERE program_id = $1
        ) AS q
        GROUP BY q.id
        HAVING SUM(q.moved) <> SUM(q.posted)
        ORDER BY q.id
        LIMIT $2",
    key: |id| TransactionId::from_uuid(id).to_string(),
};
const WALLETS: Sum = Sum {
    name: "wallets are their entries",
    of: "wallets",
    table: "wallets",
    column: "balance",
    count: "SELECT CAST(COUNT(*) AS BIGINT) FROM wallets WHERE program_id = $1",
    differ: "
        SELECT q.id, q.point_type, CAST(SUM(q.posted) AS BIGINT), CAST(SUM(q.held) AS BIGINT)
        FROM (
            SELECT account_id AS id, point_type, amount AS posted, 0 AS held
            FROM entries
            WHERE program_id = $1 AND account_id IS NOT NULL
            UNION ALL
            SELECT account_id, point_type, 0, balance FROM wallets WHERE program_id = $1
        ) AS q
        GROUP BY q.id, q.point_type
        HAVING SUM(q.posted) <> SUM(q.held)
        ORDER BY q.id, q.point_type
        LIMIT $2",
    key: |id| AccountId::from_uuid(id).to_string(),
};
const LOTS: Sum = Sum {
    name: "lots are their uses and returns",
    of: "lots",
    table: "lots",
    column: "remaining",
    count: "SELECT CAST(COUNT(*) AS BIGINT) FROM lots WHERE program_id = $1",
    differ: "
        SELECT q.id, '', CAST(SUM(q.made) AS BIGINT), CAST(SUM(q.remaining) AS BIGINT)
        FROM (
            SELECT id, amount AS made, remaining FROM lots WHERE program_id = $1
            UNION ALL
            SELECT lot_id, -amount, 0 FROM lot_uses WHERE program_id = $1
            UNION ALL
            SELECT lot_id, amount, 0 FROM lot_returns WHERE program_id = $1
        ) AS q
        GROUP BY q.id
        HAVING SUM(q.made) <> SUM(q.remaining)
        ORDER BY q.id
        LIMIT $2",
    key: |id| LotId::from_uuid(id).to_string(),
};
const HELD: Sum = Sum {
    name: "lots sum to wallets",
    of: "lots",
    table: "lots",
    column: "the lots' sum",
    count: LOTS.count,
    differ: "
        SELECT q.id, q.point_type, CAST(SUM(q.held) AS BIGINT), CAST(SUM(q.remaining) AS BIGINT)
        FROM (
            SELECT account_id AS id, point_type, balance + owed AS held, 0 AS remaining
            FROM wallets
            WHERE program_id = $1
            UNION ALL
            SELECT account_id, point_type, 0, remaining FROM lots WHERE program_id = $1
        ) AS q
        GROUP BY q.id, q.point_type
        HAVING SUM(q.held) <> SUM(q.remaining)
        ORDER BY q.id, q.point_type
        LIMIT $2",
    key: |id| AccountId::from_uuid(id).to_string(),
};

const OWED: Sum = Sum {
    name: "wallets owe their debts",
    of: "debts",
    table: "wallets",
    column: "owed",
    count: "SELECT CAST(COUNT(*) AS BIGINT) FROM debts WHERE program_id = $1",
    differ: "
        SELECT q.id, q.point_type, CAST(SUM(q.amount) AS BIGINT), CAST(SUM(q.owed) AS BIGINT)
        FROM (
            SELECT account_id AS id, point_type, amount, 0 AS owed
            FROM debts
            WHERE program_id = $1
            UNION ALL
            SELECT account_id, point_type, 0, owed FROM wallets WHERE program_id = $1
        ) AS q
        GROUP BY q.id, q.point_type
        HAVING SUM(q.amount) <> SUM(q.owed)
        ORDER BY q.id, q.point_type
        LIMIT $2",
    key: |id| AccountId::from_uuid(id).to_string(),
};
const RESERVED: Sum = Sum {
    name: "wallets know what is held",
    of: "holds",
    table: "wallets",
    column: "held",
    count: "SELECT CAST(COUNT(*) AS BIGINT) FROM holds WHERE program_id = $1",
    differ: "
        SELECT q.id, q.point_type, CAST(SUM(q.points) AS BIGINT), CAST(SUM(q.held) AS BIGINT)
        FROM (
            SELECT account_id AS id, point_type, points, 0 AS held
            FROM holds
            WHERE program_id = $1 AND ended_at IS NULL
            UNION ALL
            SELECT account_id, point_type, 0, held FROM wallets WHERE program_id = $1
        ) AS q
        GROUP BY q.id, q.point_type
        HAVING SUM(q.points) <> SUM(q.held)
        ORDER BY q.id, q.point_type
        LIMIT $2",
    key: |id| AccountId::from_uuid(id).to_string(),
};

/// Entries of no transaction that the journal lists.
const STRAY: &str = "
    SELECT e.transaction_id
    FROM entries AS e
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = e.transaction_id
    WHERE e.program_id = $1 AND t.id IS NULL
    ORDER BY e.transaction_id
    LIMIT 1";
const ENTRIES: &str = BALANCED.count;

/// Checks that the ledger balances.
pub(super) async fn balanced(
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    faults_max: u64,
) -> Result<Vec<Check>> {
    checked(snapshot, subject, &[BALANCED, MOVED], faults_max).await
}

/// Checks that wallets and lots are what they can be made again from.
pub(super) async fn derived(
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    faults_max: u64,
) -> Result<Vec<Check>> {
    checked(snapshot, subject, &[WALLETS, LOTS, HELD, OWED, RESERVED], faults_max).await
}

async fn checked(
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    sums: &[Sum],
    faults_max: u64,
) -> Result<Vec<Check>> {
    let mut checks = Vec::with_capacity(sums.len());
    for sum in sums {
        let rows = snapshot.rows(sum.differ, [id(subject.id), limit(faults_max)]).await?;
        let faults = rows.iter().map(|row| sum.fault(row)).collect::<Result<_>>()?;
        let rows = snapshot.number(sum.count, [id(subject.id)]).await?;
        checks.push(Check { name: sum.name, of: sum.of, rows, faults });
    }
    Ok(checks)
}

/// How many entries there are.
pub(super) async fn entries(snapshot: &mut Snapshot<'_>, subject: &Subject) -> Result<u64> {
    snapshot.number(ENTRIES, [id(subject.id)]).await
}

/// The first entry whose transaction is not there.
pub(super) async fn stray(snapshot: &mut Snapshot<'_>, subject: &Subject) -> Result<Option<Fault>> {
    let row = snapshot.rows(STRAY, [id(subject.id)]).await?.pop();
    let id: Option<TransactionId> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(id.map(|id| Fault::new("entries", id, "a transaction", "no row")))
}

impl Sum {
    fn fault(&self, row: &QueryResult) -> Result<Fault> {
        let (id, point_type): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (expected, found): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let key = format!("{} {point_type}", (self.key)(id));
        let shown = |points: i64| format!("{} {points}", self.column);
        Ok(Fault::new(self.table, key.trim_end(), shown(expected), shown(found)))
    }
}
