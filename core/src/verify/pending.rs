//! What is pending, and what became of it: a row of `pendings` and its lot say the same, and so do
//! the transactions that earned the points and let them be spent.

use super::Subject;
use super::report::Fault;
use crate::db::{Snapshot, id};
use crate::{Id, LotId, Result, TransactionId};

/// Rows whose lot says something else. A lot that waits has an instant until when; one of which all
/// was taken back keeps it.
const WRONG: &str = "
    SELECT n.transaction_id, COALESCE(n.outcome, 'PENDING'),
        CASE
            WHEN l.id IS NULL THEN 'no such lot of the account'
            WHEN l.pending_until IS NULL THEN 'a lot that can be spent'
            WHEN l.remaining = 0 THEN 'a lot of which all was taken back'
            ELSE 'a lot that is pending'
        END
    FROM pendings AS n
    LEFT JOIN lots AS l ON l.program_id = $1 AND l.account_id = n.account_id AND l.id = n.lot_id
        AND l.transaction_id = n.transaction_id AND l.point_type = n.point_type
        AND l.amount = n.points
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = n.transaction_id
        AND t.kind = 'PENDING'
    LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
    LEFT JOIN transactions AS e ON e.program_id = $1 AND e.id = n.earn_id AND e.kind = 'EARN'
        AND e.effective_at = n.ended_at
    WHERE n.program_id = $1 AND (l.id IS NULL OR t.id IS NULL
        OR n.purchase_id <> COALESCE(b.accrual_of, b.id) OR CASE
            WHEN n.outcome IS NULL
                THEN l.pending_until IS NULL OR l.remaining = 0 OR n.earn_id IS NOT NULL
            WHEN n.outcome = 'ACTIVATED' THEN l.pending_until IS NOT NULL OR e.id IS NULL
            WHEN n.outcome = 'CANCELLED'
                THEN l.pending_until IS NULL OR l.remaining > 0 OR n.earn_id IS NOT NULL
            ELSE TRUE
        END)
    ORDER BY n.transaction_id
    LIMIT 1";
/// Transactions and lots that are pending, or were, of which there is no row.
const MISSING: &str = "
    SELECT l.id, l.transaction_id
    FROM lots AS l
    LEFT JOIN pendings AS n ON n.program_id = $1 AND n.transaction_id = l.transaction_id
    WHERE l.program_id = $1 AND l.pending_until IS NOT NULL AND n.transaction_id IS NULL
    ORDER BY l.id
    LIMIT 1";
const COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM pendings WHERE program_id = $1";

/// How many rows there are, and the first that is wrong.
pub(super) struct Pendings {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

pub(super) async fn compare(snapshot: &mut Snapshot, subject: &Subject) -> Result<Pendings> {
    let rows = snapshot.number(COUNT, [id(subject.id)]).await?;
    let mut fault = None;
    if let Some(row) = snapshot.rows(WRONG, [id(subject.id)]).await?.pop() {
        let transaction: TransactionId = row.try_get_by_index(0)?;
        let (outcome, found): (String, String) =
            (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let expected = format!("what the outcome {outcome} leaves");
        fault = Some(Fault::new("pendings", transaction, expected, found));
    } else if let Some(row) = snapshot.rows(MISSING, [id(subject.id)]).await?.pop() {
        let lot = LotId::from_uuid(row.try_get_by_index(0)?);
        fault = Some(Fault::new("lots", lot, "a row of pendings", "no row"));
    }
    Ok(Pendings { rows, fault })
}
