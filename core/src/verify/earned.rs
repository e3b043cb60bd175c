//! What wallets know of what was earned: in SQL, and of transactions that the walk along the journal
//! has read anyway.

use crate::sealing::TransactionRow;
use sea_orm::DbBackend;
use serde_json::Value;

/// What was earned, or given as earned, less what was voided or had been earned by what came back.
/// What a purchase earned is whose the purchase is, and what was pending whose it was when it was
/// promised.
pub(super) const EARNED: &str = "
        SELECT COALESCE(m.merged_into, m.id) AS id, e.point_type, e.amount
        FROM transactions AS t
        LEFT JOIN pendings AS g ON g.program_id = $1 AND g.earn_id = t.id
        LEFT JOIN transactions AS p ON p.program_id = $1 AND p.id = g.transaction_id
        LEFT JOIN purchases AS b ON b.program_id = $1
            AND b.id = COALESCE(p.purchase_id, t.purchase_id)
        JOIN members AS m ON m.program_id = $1
            AND m.id = COALESCE(b.member_id, p.account_id, t.account_id)
        JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
            AND e.account_id = t.account_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id
        WHERE t.program_id = $1 AND v.voided_id IS NULL AND {earns}
        UNION ALL
        {returned}";
/// Whether an entry of a transaction counts as earned.
const EARNS: &str = "(t.kind = 'EARN'
    OR (t.kind IN ('ADJUST', 'OPENING') AND e.amount > 0 AND {counts}))";
/// What came back of what had been earned.
const RETURNED: &str = "
        SELECT COALESCE(m.merged_into, b.member_id) AS id, 'POINTS' AS point_type,
            r.points_pending - r.points AS amount
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
        WHERE r.program_id = $1 AND v.voided_id IS NULL";
/// What the walk takes for earned by each account: less what was voided, less what members have that
/// are no longer themselves or not there, and for the former where it is now. What an edit of a
/// purchase has earned, or what ceased to be pending, went to the account of then, which is another's
/// if the one whose it is was merged.
const CORRECTIONS: &str = "
        SELECT t.account_id AS id, e.point_type, -e.amount AS amount
        FROM voids AS v
        JOIN transactions AS t ON t.program_id = $1 AND t.id = v.voided_id
        JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
            AND e.account_id = t.account_id
        WHERE v.program_id = $1 AND {earns}
        UNION ALL
        SELECT CASE
                WHEN n.number = 1 THEN t.account_id
                ELSE COALESCE(o.merged_into, o.id, m.merged_into)
            END, e.point_type, CASE WHEN n.number = 1 THEN -e.amount ELSE e.amount END
        FROM members AS m
        CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS n
        JOIN transactions AS t ON t.program_id = $1 AND t.account_id = m.id
        LEFT JOIN pendings AS g ON g.program_id = $1 AND g.earn_id = t.id
        LEFT JOIN transactions AS p ON p.program_id = $1 AND p.id = g.transaction_id
        LEFT JOIN purchases AS b ON b.program_id = $1
            AND b.id = COALESCE(p.purchase_id, t.purchase_id)
        LEFT JOIN members AS o ON o.program_id = $1 AND o.id = COALESCE(b.member_id, p.account_id)
        JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
            AND e.account_id = t.account_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id
        WHERE m.program_id = $1 AND m.merged_into IS NOT NULL AND v.voided_id IS NULL AND {earns}
        UNION ALL
        SELECT CASE
                WHEN n.number = 1 THEN t.account_id
                ELSE COALESCE(o.merged_into, b.member_id)
            END, e.point_type, CASE WHEN n.number = 1 THEN -e.amount ELSE e.amount END
        FROM purchase_earnings AS g
        CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS n
        JOIN transactions AS t ON t.program_id = $1 AND t.id = g.transaction_id
        JOIN purchases AS b ON b.program_id = $1 AND b.id = g.purchase_id
        JOIN members AS o ON o.program_id = $1 AND o.id = b.member_id
        JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
        JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
            AND e.account_id = t.account_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id
        WHERE g.program_id = $1 AND g.edit_id IS NOT NULL AND b.member_id <> t.account_id
            AND m.merged_into IS NULL AND v.voided_id IS NULL AND {earns}
        UNION ALL
        SELECT CASE WHEN n.number = 1 THEN t.account_id ELSE COALESCE(o.merged_into, o.id) END,
            e.point_type, CASE WHEN n.number = 1 THEN -e.amount ELSE e.amount END
        FROM pendings AS g
        CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS n
        JOIN transactions AS t ON t.program_id = $1 AND t.id = g.earn_id
        JOIN transactions AS p ON p.program_id = $1 AND p.id = g.transaction_id
        LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = p.purchase_id
        JOIN members AS o ON o.program_id = $1 AND o.id = COALESCE(b.member_id, p.account_id)
        JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
        JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
            AND e.account_id = t.account_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id
        WHERE g.program_id = $1 AND g.earn_id IS NOT NULL AND o.id <> t.account_id
            AND m.merged_into IS NULL AND v.voided_id IS NULL AND {earns}
        UNION ALL
        SELECT t.account_id, e.point_type, -e.amount
        FROM transactions AS t
        LEFT JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
        JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
            AND e.account_id = t.account_id
        LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id
        WHERE t.program_id = $1 AND m.id IS NULL AND v.voided_id IS NULL AND {earns}
        UNION ALL
        {returned}";
const COUNTS_POSTGRES: &str = "t.explanation ->> 'countsAsEarned' = 'true'";
/// What is no JSON says nothing, and is named by what compares it with its seal: SQLite would fail.
const COUNTS_SQLITE: &str = "CASE
        WHEN json_valid(t.explanation) THEN t.explanation ->> 'countsAsEarned' = 1
        ELSE FALSE
    END";

/// Which entries of a transaction count as earned: the same as `EARNS`, of a row that was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Earns {
    All,
    Gains,
    None,
    /// What databases do not read alike: the statement has to say it.
    Unknown,
}

impl Earns {
    pub(super) fn of(row: &TransactionRow) -> Self {
        let counts = || {
            let explanation = row.explanation.as_deref().map(serde_json::from_str::<Value>);
            explanation.and_then(Result::ok).map_or(Value::Null, |it| it["countsAsEarned"].clone())
        };
        match row.kind.as_str() {
            "EARN" => Self::All,
            "ADJUST" | "OPENING" => match counts() {
                Value::Bool(true) => Self::Gains,
                Value::Bool(false) | Value::Null => Self::None,
                _ => Self::Unknown,
            },
            _ => Self::None,
        }
    }

    pub(super) fn count(self, amount: i64) -> bool {
        self == Self::All || self == Self::Gains && amount > 0
    }
}

/// What is to be added to what transactions say of what was earned: `id, point_type, amount`.
pub(super) fn corrections(backend: DbBackend) -> String {
    finished(CORRECTIONS, backend)
}

/// Text with what stands in it for other text.
pub(super) fn finished(text: &str, backend: DbBackend) -> String {
    let counts = match backend {
        DbBackend::Postgres => COUNTS_POSTGRES,
        _ => COUNTS_SQLITE,
    };
    text.replace("{returned}", RETURNED).replace("{earns}", EARNS).replace("{counts}", counts)
}
