//! Statistics and tiers, which follow from purchases and transactions.

use super::Subject;
use super::report::{Check, Fault, First};
use crate::accounts::{PointType, Standing};
use crate::db::{Snapshot, id, limit};
use crate::tiers::Ladder;
use crate::{AccountId, Result};
use sea_orm::QueryResult;

/// How many accounts are read at a time.
const ROWS: u64 = 10_000;

/// The facts of each account beside what it says: purchases that count and of which something is
/// left, and what was paid in money, then and after edits, less what came back.
const DIFFER: &str = "
    SELECT a.id, a.purchases, COALESCE(b.purchases, 0), a.spent_minor, COALESCE(b.spent_minor, 0),
        a.first_purchase_at, b.first_purchase_at, a.last_purchase_at, b.last_purchase_at,
        a.purchases_for_groups, COALESCE(b.purchases_for_groups, 0)
    FROM accounts AS a
    LEFT JOIN (
        SELECT COALESCE(m.merged_into, b.member_id) AS member_id,
            CAST(SUM(CASE WHEN b.returned_at IS NULL THEN b.is_counted ELSE 0 END) AS BIGINT)
                AS purchases,
            CAST(SUM(CASE WHEN b.returned_at IS NULL THEN 1 - b.is_counted ELSE 0 END) AS BIGINT)
                AS purchases_for_groups,
            CAST(SUM(b.is_counted * (b.total_minor - b.paid_minor + COALESCE(i.added_minor, 0)
                - COALESCE(r.amount_minor, 0))) AS BIGINT) AS spent_minor,
            MIN(CASE WHEN b.returned_at IS NULL AND b.is_counted = 1 THEN b.purchased_at END)
                AS first_purchase_at,
            MAX(CASE WHEN b.returned_at IS NULL AND b.is_counted = 1 THEN b.purchased_at END)
                AS last_purchase_at
        FROM purchases AS b
        JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
        LEFT JOIN (
            SELECT purchase_id, SUM(amount_minor - paid_minor) AS amount_minor
            FROM returns
            WHERE program_id = $1
            GROUP BY purchase_id
        ) AS r ON r.purchase_id = b.id
        LEFT JOIN (
            SELECT purchase_id, SUM(added_minor) AS added_minor
            FROM edits
            WHERE program_id = $1
            GROUP BY purchase_id
        ) AS i ON i.purchase_id = b.id
        WHERE b.program_id = $1 AND (b.is_counted = 1 OR b.accrual = 'GROUP')
        GROUP BY COALESCE(m.merged_into, b.member_id)
    ) AS b ON b.member_id = a.id
    WHERE a.program_id = $1 AND (
        a.purchases <> COALESCE(b.purchases, 0)
        OR a.purchases_for_groups <> COALESCE(b.purchases_for_groups, 0)
        OR a.spent_minor <> COALESCE(b.spent_minor, 0)
        OR COALESCE(a.first_purchase_at, -1) <> COALESCE(b.first_purchase_at, -1)
        OR COALESCE(a.last_purchase_at, -1) <> COALESCE(b.last_purchase_at, -1)
    )
    ORDER BY a.id
    LIMIT 1";
/// What the pairs of the statement are called.
const STATISTICS: [&str; 5] =
    ["purchases", "spent_minor", "first_purchase_at", "last_purchase_at", "purchases_for_groups"];

const ACCOUNTS: &str = "
    SELECT a.id, a.purchases, a.spent_minor, COALESCE(w.earned, 0), a.tier
    FROM accounts AS a
    LEFT JOIN wallets AS w ON w.program_id = $1 AND w.account_id = a.id AND w.point_type = $4
    WHERE a.program_id = $1 AND a.id > $2 AND a.erased_at IS NULL
    ORDER BY a.id
    LIMIT $3";

/// Checks statistics.
pub(super) async fn statistics(
    snapshot: &mut Snapshot,
    subject: &Subject,
) -> Result<Option<Fault>> {
    let row = snapshot.rows(DIFFER, [id(subject.id)]).await?.pop();
    row.map(|row| fault(&row)).transpose()
}

fn fault(row: &QueryResult) -> Result<Fault> {
    let account: AccountId = row.try_get_by_index(0)?;
    for (pair, name) in STATISTICS.iter().enumerate() {
        let says: Option<i64> = row.try_get_by_index(1 + 2 * pair)?;
        let follows: Option<i64> = row.try_get_by_index(2 + 2 * pair)?;
        if says != follows {
            let shown = |value: Option<i64>| {
                value.map_or(format!("{name} null"), |value| format!("{name} {value}"))
            };
            return Ok(Fault::new("accounts", account, shown(follows), shown(says)));
        }
    }
    Ok(Fault::new("accounts", account, "statistics that follow", "others"))
}

/// Checks that every account of somebody stands where the ladder puts it; without a ladder, or while the
/// accounts are being settled, they are only counted.
pub(super) async fn tiers(
    snapshot: &mut Snapshot,
    subject: &Subject,
    ladder: Option<&Ladder>,
) -> Result<Check> {
    let (mut after, mut rows, mut fault) = (AccountId::FIRST, 0, None);
    let counted = ladder.and_then(Ladder::counts).cloned().unwrap_or_else(PointType::main);
    loop {
        let values = [id(subject.id), id(after), limit(ROWS), counted.stored().into()];
        let page = snapshot.rows(ACCOUNTS, values).await?;
        for row in &page {
            after = row.try_get_by_index(0)?;
            rows += 1;
            let standing = Standing {
                purchases: row.try_get_by_index(1)?,
                spent_minor: row.try_get_by_index(2)?,
                earned: [(counted.clone(), row.try_get_by_index(3)?)].into(),
                tier: row.try_get_by_index(4)?,
                ..Standing::default()
            };
            let Some(ladder) = ladder else { continue };
            let reached = ladder.reached(&standing).map(|tier| &tier.id);
            if reached != standing.tier.as_ref() {
                fault.first(|| {
                    let shown = |tier: Option<&String>| {
                        tier.map_or("no tier".to_owned(), |tier| format!("tier {tier}"))
                    };
                    let found = shown(standing.tier.as_ref());
                    Fault::new("accounts", after, shown(reached), found)
                });
            }
        }
        if page.is_empty() {
            return Ok(Check {
                name: "tiers",
                of: "accounts",
                rows,
                faults: Vec::from_iter(fault),
            });
        }
    }
}
