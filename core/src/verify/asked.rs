//! What operators asked for: a request that waits, or was declined, has given nothing, and what it asks
//! for is what its key was used for. What was approved the sealed transaction says (`told`).

use super::Subject;
use super::report::Fault;
use crate::accounts::PointType;
use crate::db::{Snapshot, id};
use crate::hash::ArgumentsHash;
use crate::ledger::AskedFor;
use crate::{ApprovalId, Points, Result, Timestamp, TransactionId};
use futures::TryStreamExt;
use sea_orm::QueryResult;

/// With what was posted under its key, and the key under which what it names was posted.
const ROWS: &str = "
    SELECT a.id, a.point_type, a.points, a.reason, CAST(a.counts_as_earned AS BIGINT), a.expires_at,
        a.effective_at, a.arguments_hash, a.requested_at, a.decide_by, a.outcome, a.idempotency_key,
        a.transaction_id, p.transaction_id, n.idempotency_key
    FROM approvals AS a
    LEFT JOIN adjustments AS p ON p.program_id = $1 AND p.member_id = a.member_id
        AND p.idempotency_key = a.idempotency_key
    LEFT JOIN adjustments AS n ON n.program_id = $1 AND n.transaction_id = a.transaction_id
    WHERE a.program_id = $1
    ORDER BY a.id";

/// How many rows there are, and the first that is wrong.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

pub(super) async fn compare(snapshot: &mut Snapshot, subject: &Subject) -> Result<Asked> {
    let mut asked = Asked::default();
    let mut rows = snapshot.stream(ROWS, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        asked.rows += 1;
        if asked.fault.is_none() {
            asked.fault = Row::of(&row)?.fault();
        }
    }
    Ok(asked)
}

struct Row {
    id: ApprovalId,
    point_type: PointType,
    points: Points,
    reason: String,
    counts_as_earned: bool,
    expires_at: Option<Timestamp>,
    effective_at: Option<Timestamp>,
    arguments_hash: ArgumentsHash,
    requested_at: Timestamp,
    decide_by: Timestamp,
    outcome: Option<String>,
    key: String,
    transaction: Option<TransactionId>,
    /// What was posted under the same key.
    posted: Option<TransactionId>,
    /// Under which key its transaction was posted.
    posted_under: Option<String>,
}

impl Row {
    fn of(row: &QueryResult) -> Result<Self> {
        let counts_as_earned: i64 = row.try_get_by_index(4)?;
        Ok(Self {
            id: row.try_get_by_index(0)?,
            point_type: row.try_get_by_index(1)?,
            points: row.try_get_by_index(2)?,
            reason: row.try_get_by_index(3)?,
            counts_as_earned: counts_as_earned != 0,
            expires_at: row.try_get_by_index(5)?,
            effective_at: row.try_get_by_index(6)?,
            arguments_hash: ArgumentsHash::of_stored(row.try_get_by_index(7)?),
            requested_at: row.try_get_by_index(8)?,
            decide_by: row.try_get_by_index(9)?,
            outcome: row.try_get_by_index(10)?,
            key: row.try_get_by_index(11)?,
            transaction: row.try_get_by_index(12)?,
            posted: row.try_get_by_index(13)?,
            posted_under: row.try_get_by_index(14)?,
        })
    }

    fn fault(&self) -> Option<Fault> {
        let fault =
            |expected: &str, found: String| Some(Fault::new("approvals", self.id, expected, found));
        if !self.is_what_was_asked_for() {
            let found = format!("{} points, {}", self.points, self.reason);
            return fault("what the hash of the request says", found);
        }
        if self.expires_at.is_some_and(|over| self.decide_by > over) {
            let found = format!("a request until {}", self.decide_by);
            return fault("one that ends before what it would give", found);
        }
        if self.outcome.as_deref() == Some("APPROVED") {
            return match &self.posted_under {
                Some(key) if *key == self.key => None,
                key => fault(
                    "a transaction under the key of the request",
                    format!("{key:?} of {:?}", self.transaction),
                ),
            };
        }
        match self.posted {
            Some(posted) => fault("nothing that was posted under its key", posted.to_string()),
            None => None,
        }
    }

    /// As far as it is known: an instant ahead of the program's clock was taken for that.
    fn is_what_was_asked_for(&self) -> bool {
        let asked = AskedFor {
            points: self.points,
            point_type: &self.point_type,
            reason: &self.reason,
            counts_as_earned: self.counts_as_earned,
            expires_at: self.expires_at,
            effective_at: self.effective_at,
        };
        self.effective_at == Some(self.requested_at) || asked.is_kept_as(&self.arguments_hash)
    }
}
