//! What follows from entries, lot uses and lot returns: that they balance, and that wallets and lots
//! are what they make. A statement each, which adds both sides up and answers where they differ. It is
//! sent where the totals say that they do, or cannot say.

use super::report::{Check, Fault};
use super::totals::{Total, Totals};
use super::{Subject, earned};
use crate::db::{Snapshot, id, limit};
use crate::{AccountId, Id, LotId, Result, TransactionId};
use sea_orm::QueryResult;
use uuid::Uuid;

/// Two selects of `id, point_type, amount`, of which the second has to make what the first does, by
/// key and type of points. The type is empty where the key has one only.
struct Sum {
    name: &'static str,
    /// The total of both selects.
    total: Total,
    /// The rows that are counted as checked.
    of: &'static str,
    /// The table that is wrong if they differ.
    table: &'static str,
    column: &'static str,
    expected: &'static str,
    found: &'static str,
    key: fn(Uuid) -> String,
}

const BALANCED: Sum = Sum {
    name: "transactions sum to zero",
    total: Total::Balanced,
    of: "entries",
    table: "entries",
    column: "sum",
    expected: "SELECT id, '' AS point_type, 0 AS amount FROM transactions WHERE program_id = $1",
    found: "SELECT transaction_id AS id, point_type, amount FROM entries WHERE program_id = $1",
    key: transaction,
};
/// What an account gains or loses, pending or not, is in the lots that a transaction made, used, gave back to and moved, and
/// in what is owed by it.
const MOVED: Sum = Sum {
    name: "lots move as entries say",
    total: Total::Moved,
    of: "transactions",
    table: "entries",
    column: "the accounts' sum",
    expected: "
        SELECT transaction_id AS id, '' AS point_type, amount FROM lots WHERE program_id = $1
        UNION ALL
        SELECT transaction_id, '', -amount FROM lot_uses WHERE program_id = $1
        UNION ALL
        SELECT transaction_id, '', amount FROM lot_returns WHERE program_id = $1
        UNION ALL
        SELECT transaction_id, '', amount FROM lot_moves WHERE program_id = $1
        UNION ALL
        SELECT transaction_id, '', -amount FROM debts WHERE program_id = $1",
    found: "
        SELECT transaction_id AS id, '' AS point_type, amount
        FROM entries
        WHERE program_id = $1 AND (account_id IS NOT NULL OR system_account = 'PENDING')",
    key: transaction,
};
const WALLETS: Sum = Sum {
    name: "wallets are their entries",
    total: Total::Wallets,
    of: "wallets",
    table: "wallets",
    column: "balance",
    expected: "
        SELECT account_id AS id, point_type, amount
        FROM entries
        WHERE program_id = $1 AND account_id IS NOT NULL",
    found: "
        SELECT account_id AS id, point_type, balance AS amount FROM wallets WHERE program_id = $1",
    key: account,
};
const LOTS: Sum = Sum {
    name: "lots are their uses and returns",
    total: Total::Lots,
    of: "lots",
    table: "lots",
    column: "remaining",
    expected: "
        SELECT id, '' AS point_type, amount FROM lots WHERE program_id = $1
        UNION ALL
        SELECT lot_id, '', -amount FROM lot_uses WHERE program_id = $1
        UNION ALL
        SELECT lot_id, '', amount FROM lot_returns WHERE program_id = $1",
    found: "SELECT id, '' AS point_type, remaining AS amount FROM lots WHERE program_id = $1",
    key: |id| LotId::from_uuid(id).to_string(),
};
const HELD: Sum = Sum {
    name: "lots sum to wallets",
    total: Total::Held,
    of: "lots",
    table: "lots",
    column: "the lots' sum",
    expected: "
        SELECT account_id AS id, point_type, balance + owed + pending AS amount
        FROM wallets
        WHERE program_id = $1",
    found: "
        SELECT account_id AS id, point_type, remaining AS amount FROM lots WHERE program_id = $1",
    key: account,
};
const OWED: Sum = Sum {
    name: "wallets owe their debts",
    total: Total::Owed,
    of: "debts",
    table: "wallets",
    column: "owed",
    expected: "SELECT account_id AS id, point_type, amount FROM debts WHERE program_id = $1",
    found: "SELECT account_id AS id, point_type, owed AS amount FROM wallets WHERE program_id = $1",
    key: account,
};
const RESERVED: Sum = Sum {
    name: "wallets know what is held",
    total: Total::Reserved,
    of: "holds",
    table: "wallets",
    column: "held",
    expected: "
        SELECT account_id AS id, point_type, points AS amount
        FROM holds
        WHERE program_id = $1 AND ended_at IS NULL",
    found: "SELECT account_id AS id, point_type, held AS amount FROM wallets WHERE program_id = $1",
    key: account,
};

const PENDING: Sum = Sum {
    name: "wallets know what is pending",
    total: Total::Pending,
    of: "pendings",
    table: "wallets",
    column: "pending",
    expected: "
        SELECT t.account_id AS id, e.point_type, e.amount
        FROM entries AS e
        JOIN transactions AS t ON t.program_id = $1 AND t.id = e.transaction_id
        WHERE e.program_id = $1 AND e.system_account = 'PENDING'",
    found: "
        SELECT account_id AS id, point_type, pending AS amount FROM wallets WHERE program_id = $1",
    key: account,
};
const EARNED: Sum = Sum {
    name: "wallets know what was earned",
    total: Total::Earned,
    of: "wallets",
    table: "wallets",
    column: "earned",
    expected: earned::EARNED,
    found: "
        SELECT account_id AS id, point_type, earned AS amount FROM wallets WHERE program_id = $1",
    key: account,
};

/// Entries of no transaction that the journal lists.
const STRAY: &str = "
    SELECT e.transaction_id
    FROM entries AS e
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = e.transaction_id
    WHERE e.program_id = $1 AND t.id IS NULL
    ORDER BY e.transaction_id
    LIMIT 1";

/// How sums are compared.
#[derive(Clone, Copy)]
pub(super) struct Comparing<'t> {
    /// The totals of all rows; none when each sum is to be asked for.
    pub(super) totals: Option<&'t Totals>,
    /// The most faults that are named of each.
    pub(super) faults_max: u64,
}

/// Checks that the ledger balances.
pub(super) async fn balanced(
    snapshot: &mut Snapshot,
    subject: &Subject,
    comparing: Comparing<'_>,
) -> Result<Vec<Check>> {
    checked(snapshot, subject, &[BALANCED, MOVED], comparing).await
}

/// Checks that wallets and lots are what they can be made again from.
pub(super) async fn derived(
    snapshot: &mut Snapshot,
    subject: &Subject,
    comparing: Comparing<'_>,
) -> Result<Vec<Check>> {
    let sums = [WALLETS, LOTS, HELD, OWED, RESERVED, PENDING, EARNED];
    checked(snapshot, subject, &sums, comparing).await
}

async fn checked(
    snapshot: &mut Snapshot,
    subject: &Subject,
    sums: &[Sum],
    Comparing { totals, faults_max }: Comparing<'_>,
) -> Result<Vec<Check>> {
    let mut checks = Vec::with_capacity(sums.len());
    for sum in sums {
        let mut faults = Vec::new();
        if totals.is_none_or(|totals| !totals.agree(sum.total)) {
            let differ = earned::finished(&sum.differ(), snapshot.backend());
            for row in snapshot.rows(&differ, [id(subject.id), limit(faults_max)]).await? {
                faults.push(sum.fault(&row)?);
            }
        }
        let counted = totals.and_then(|totals| totals.counts.of(sum.of));
        let rows = match counted {
            Some(rows) => rows,
            None => snapshot.number(&count(sum.of), [id(subject.id)]).await?,
        };
        checks.push(Check { name: sum.name, of: sum.of, rows, faults });
    }
    Ok(checks)
}

/// Whether the totals are of all rows that belong to transactions.
pub(super) async fn are_whole(
    snapshot: &mut Snapshot,
    subject: &Subject,
    totals: &Totals,
) -> Result<bool> {
    for table in ["transactions", "entries", "lot_uses", "lot_returns"] {
        let rows = snapshot.number(&count(table), [id(subject.id)]).await?;
        if totals.counts.of(table) != Some(rows) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many entries there are.
pub(super) async fn entries(snapshot: &mut Snapshot, subject: &Subject) -> Result<u64> {
    snapshot.number(&count("entries"), [id(subject.id)]).await
}

/// The first entry whose transaction is not there.
pub(super) async fn stray(snapshot: &mut Snapshot, subject: &Subject) -> Result<Option<Fault>> {
    let row = snapshot.rows(STRAY, [id(subject.id)]).await?.pop();
    let id: Option<TransactionId> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(id.map(|id| Fault::new("entries", id, "a transaction", "no row")))
}

fn count(table: &str) -> String {
    format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table} WHERE program_id = $1")
}

fn transaction(id: Uuid) -> String {
    TransactionId::from_uuid(id).to_string()
}

fn account(id: Uuid) -> String {
    AccountId::from_uuid(id).to_string()
}

impl Sum {
    /// The statement that adds both sides up and answers where they differ.
    fn differ(&self) -> String {
        let Self { expected, found, .. } = self;
        format!(
            "
            SELECT q.id, q.point_type, CAST(SUM(q.expected) AS BIGINT), CAST(SUM(q.found) AS BIGINT)
            FROM (
                SELECT e.id, e.point_type, e.amount AS expected, 0 AS found FROM ({expected}) AS e
                UNION ALL
                SELECT f.id, f.point_type, 0, f.amount FROM ({found}) AS f
            ) AS q
            GROUP BY q.id, q.point_type
            HAVING SUM(q.expected) <> SUM(q.found)
            ORDER BY q.id, q.point_type
            LIMIT $2"
        )
    }

    fn fault(&self, row: &QueryResult) -> Result<Fault> {
        let (id, point_type): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (expected, found): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let key = format!("{} {point_type}", (self.key)(id));
        let shown = |points: i64| format!("{} {points}", self.column);
        Ok(Fault::new(self.table, key.trim_end(), shown(expected), shown(found)))
    }
}
