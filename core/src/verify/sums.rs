//! What follows from entries, lot uses and lot returns: that they balance, and that wallets and lots
//! are what they make. A statement each, which adds both sides up and answers where they differ.

use super::Subject;
use super::report::{Check, Fault};
use crate::db::{Snapshot, id, limit};
use crate::{AccountId, Id, LotId, Result, TransactionId};
use sea_orm::{DbBackend, QueryResult};
use uuid::Uuid;

/// Two selects of `id, point_type, amount`, of which the second has to make what the first does, by
/// key and type of points. The type is empty where the key has one only.
struct Sum {
    name: &'static str,
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
    of: "debts",
    table: "wallets",
    column: "owed",
    expected: "SELECT account_id AS id, point_type, amount FROM debts WHERE program_id = $1",
    found: "SELECT account_id AS id, point_type, owed AS amount FROM wallets WHERE program_id = $1",
    key: account,
};
const RESERVED: Sum = Sum {
    name: "wallets know what is held",
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
/// What was earned, or given as earned, less what was voided or had been earned by what came back.
/// What a purchase earned is whose the purchase is.
const EARNED: Sum = Sum {
    name: "wallets know what was earned",
    of: "wallets",
    table: "wallets",
    column: "earned",
    expected: "
        SELECT COALESCE(m.merged_into, b.member_id, t.account_id) AS id, e.point_type, e.amount
        FROM transactions AS t
        LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
        JOIN members AS m ON m.program_id = $1 AND m.id = COALESCE(b.member_id, t.account_id)
        JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
            AND e.account_id = t.account_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id
        WHERE t.program_id = $1 AND v.voided_id IS NULL
            AND (t.kind = 'EARN'
                OR (t.kind IN ('ADJUST', 'OPENING') AND e.amount > 0 AND {counts}))
        UNION ALL
        SELECT COALESCE(m.merged_into, b.member_id), 'POINTS', r.points_pending - r.points
        FROM returns AS r
        JOIN purchases AS b ON b.program_id = $1 AND b.id = r.purchase_id
        JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = b.transaction_id
        WHERE r.program_id = $1 AND v.voided_id IS NULL AND NOT EXISTS (
                SELECT 1
                FROM return_earnings AS o
                WHERE o.program_id = $1 AND o.purchase_id = r.purchase_id AND o.return_id = r.id
            )
        UNION ALL
        SELECT COALESCE(m.merged_into, b.member_id), e.point_type, r.points_pending - r.points
        FROM return_earnings AS r
        JOIN purchases AS b ON b.program_id = $1 AND b.id = r.purchase_id
        JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
        JOIN purchase_earnings AS e ON e.program_id = $1 AND e.purchase_id = r.purchase_id
            AND e.transaction_id = r.transaction_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = r.transaction_id
        WHERE r.program_id = $1 AND v.voided_id IS NULL",
    found: "
        SELECT account_id AS id, point_type, earned AS amount FROM wallets WHERE program_id = $1",
    key: account,
};
const COUNTS_POSTGRES: &str = "t.explanation ->> 'countsAsEarned' = 'true'";
const COUNTS_SQLITE: &str = "t.explanation ->> 'countsAsEarned' = 1";

/// Entries of no transaction that the journal lists.
const STRAY: &str = "
    SELECT e.transaction_id
    FROM entries AS e
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = e.transaction_id
    WHERE e.program_id = $1 AND t.id IS NULL
    ORDER BY e.transaction_id
    LIMIT 1";

/// Checks that the ledger balances.
pub(super) async fn balanced(
    snapshot: &mut Snapshot,
    subject: &Subject,
    faults_max: u64,
) -> Result<Vec<Check>> {
    checked(snapshot, subject, &[BALANCED, MOVED], faults_max).await
}

/// Checks that wallets and lots are what they can be made again from.
pub(super) async fn derived(
    snapshot: &mut Snapshot,
    subject: &Subject,
    faults_max: u64,
) -> Result<Vec<Check>> {
    checked(snapshot, subject, &[WALLETS, LOTS, HELD, OWED, RESERVED, PENDING, EARNED], faults_max)
        .await
}

async fn checked(
    snapshot: &mut Snapshot,
    subject: &Subject,
    sums: &[Sum],
    faults_max: u64,
) -> Result<Vec<Check>> {
    let mut checks = Vec::with_capacity(sums.len());
    let counts = match snapshot.backend() {
        DbBackend::Postgres => COUNTS_POSTGRES,
        _ => COUNTS_SQLITE,
    };
    for sum in sums {
        let differ = sum.differ().replace("{counts}", counts);
        let rows = snapshot.rows(&differ, [id(subject.id), limit(faults_max)]).await?;
        let faults = rows.iter().map(|row| sum.fault(row)).collect::<Result<_>>()?;
        let rows = snapshot.number(&sum.count(), [id(subject.id)]).await?;
        checks.push(Check { name: sum.name, of: sum.of, rows, faults });
    }
    Ok(checks)
}

/// How many entries there are.
pub(super) async fn entries(snapshot: &mut Snapshot, subject: &Subject) -> Result<u64> {
    snapshot.number(&BALANCED.count(), [id(subject.id)]).await
}

/// The first entry whose transaction is not there.
pub(super) async fn stray(snapshot: &mut Snapshot, subject: &Subject) -> Result<Option<Fault>> {
    let row = snapshot.rows(STRAY, [id(subject.id)]).await?.pop();
    let id: Option<TransactionId> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(id.map(|id| Fault::new("entries", id, "a transaction", "no row")))
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

    fn count(&self) -> String {
        format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {} WHERE program_id = $1", self.of)
    }

    fn fault(&self, row: &QueryResult) -> Result<Fault> {
        let (id, point_type): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (expected, found): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let key = format!("{} {point_type}", (self.key)(id));
        let shown = |points: i64| format!("{} {points}", self.column);
        Ok(Fault::new(self.table, key.trim_end(), shown(expected), shown(found)))
    }
}
