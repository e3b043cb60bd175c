//! What rows say of themselves, in the words of the events that told of them.

use super::says::{Earning, Line, Purchase, Says};
use super::{caused, read};
use crate::db::{Snapshot, id};
use crate::sealing::{EntryRow, LineRow, TransactionFound};
use crate::{MemberId, ProgramId, Result};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use std::collections::HashSet;

/// What a group got of a purchase no event of its own tells of.
const PURCHASES: &str = "
    SELECT b.member_id, b.id, b.reference, b.currency, b.total_minor, b.points, b.purchased_at,
        b.recorded_at, n.sku, n.category, CAST(n.quantity AS BIGINT), n.amount_minor
    FROM purchases AS b
    LEFT JOIN purchase_lines AS n ON n.program_id = $1 AND n.purchase_id = b.id
    WHERE b.program_id = $1 AND b.accrual_of IS NULL";
const EDITS: &str = "
    SELECT b.member_id, i.id, i.purchase_id, i.reference, i.total_before_minor, i.total_minor,
        i.points, i.edited_at, i.recorded_at, n.sku, n.category, CAST(n.quantity AS BIGINT),
        n.amount_minor, CAST(i.is_whole AS BIGINT), i.paid_points, i.paid_minor
    FROM edits AS i
    JOIN purchases AS b ON b.program_id = $1 AND b.id = i.purchase_id AND b.accrual_of IS NULL
    LEFT JOIN edit_lines AS n ON n.program_id = $1 AND n.purchase_id = i.purchase_id
        AND n.edit_id = i.id
    WHERE i.program_id = $1
    ORDER BY i.id, n.seq";
const RETURNS: &str = "
    SELECT b.member_id, r.id, r.purchase_id, r.edit_id, CAST(r.is_whole AS BIGINT), r.points,
        r.points_taken, r.returned_at, r.recorded_at, r.reference, r.amount_minor,
        r.transaction_id, CAST(COALESCE(i.position, n.seq) AS BIGINT), CAST(n.quantity AS BIGINT),
        n.amount_minor
    FROM returns AS r
    JOIN purchases AS b ON b.program_id = $1 AND b.id = r.purchase_id AND b.accrual_of IS NULL
    LEFT JOIN return_lines AS n ON n.program_id = $1 AND n.purchase_id = r.purchase_id
        AND n.return_id = r.id
    LEFT JOIN edit_lines AS i ON i.program_id = $1 AND i.purchase_id = r.purchase_id
        AND i.seq = n.seq
    WHERE r.program_id = $1
    ORDER BY r.id, n.seq";
const REDEMPTIONS: &str = "
    SELECT r.member_id, r.id, r.reward, r.points, r.redeemed_at
    FROM redemptions AS r
    WHERE r.program_id = $1";
/// At the account that made it; with what was merged it is another's.
const HOLDS: &str = "
    SELECT COALESCE(t.account_id, h.account_id), h.id, h.transaction_id, h.point_type, h.points,
        h.reason, h.held_at, h.expires_at, h.outcome, h.captured, h.ended_at
    FROM holds AS h
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = h.transaction_id
    WHERE h.program_id = $1";
const PENDINGS: &str = "
    SELECT COALESCE(t.account_id, n.account_id), n.transaction_id, n.point_type, n.points,
        n.awaits, n.reason
    FROM pendings AS n
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = n.transaction_id
    WHERE n.program_id = $1";
const TRANSFERS: &str = "
    SELECT f.sender_id, f.sent_id, f.received_id, f.point_type, f.points, f.sent_at,
        CASE WHEN t.account_id = f.receiver_id THEN 1 ELSE 0 END
    FROM transfers AS f
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = f.received_id
    WHERE f.program_id = $1";
const MERGES: &str = "
    SELECT g.from_id, g.into_id, g.reason, g.merged_at
    FROM merges AS g
    WHERE g.program_id = $1";
const UNMERGES: &str = "
    SELECT u.member_id, u.survivor_id, u.reason, u.unmerged_at
    FROM unmerges AS u
    WHERE u.program_id = $1";

const COMPLETED: &str = "
    SELECT f.referred_id
    FROM referrals AS f
    WHERE f.program_id = $1 AND f.completed_at IS NOT NULL";

/// Whose first transaction it is, the purchase's own row says. Nothing of it is personal.
const EARNINGS: &str = "
    SELECT g.transaction_id, g.purchase_id, g.point_type, g.points
    FROM purchase_earnings AS g
    JOIN purchases AS b ON b.program_id = $1 AND b.id = g.purchase_id
    WHERE g.program_id = $1
        AND (b.transaction_id IS NULL OR b.transaction_id <> g.transaction_id)";
/// The same by the transactions.
const EARNED: &str = "
    SELECT t.id, t.purchase_id, e.point_type, e.amount
    FROM transactions AS t
    JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
    JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
        AND (e.account_id IS NOT NULL OR e.system_account = 'PENDING')
    WHERE t.program_id = $1 AND t.kind IN ('EARN', 'PENDING')
        AND (b.transaction_id IS NULL OR b.transaction_id <> t.id)";

/// Which purchases are read.
#[derive(Clone, Copy)]
pub(super) enum Purchases {
    /// Those that explain no transaction: the journal leads to the others.
    Alone,
    All,
}

impl Purchases {
    const fn condition(self) -> &'static str {
        match self {
            Self::Alone => "b.transaction_id IS NULL",
            Self::All => {
                "b.transaction_id IS NULL OR EXISTS (
                    SELECT 1
                    FROM transactions AS t
                    WHERE t.program_id = $1 AND t.id = b.transaction_id AND t.purchase_id = b.id
                )"
            }
        }
    }
}

/// Calls for what each row says and whose it is, but for those of somebody who was erased.
pub(super) async fn each(
    snapshot: &mut Snapshot,
    program: ProgramId,
    erased: &HashSet<MemberId>,
    purchases: Purchases,
    mut call: impl FnMut(MemberId, Says),
) -> Result<()> {
    let purchases = format!("{PURCHASES} AND ({}) ORDER BY b.id, n.seq", purchases.condition());
    for (sql, of) in [
        (purchases.as_str(), read::purchase as fn(&QueryResult) -> Result<Says>),
        (EDITS, read::edit),
        (RETURNS, read::returned),
        (REDEMPTIONS, read::redemption),
        (HOLDS, read::hold),
        (PENDINGS, read::pending),
        (TRANSFERS, read::transfer),
        (MERGES, read::merge),
        (UNMERGES, read::unmerged),
        (caused::PAID, caused::paid),
        (caused::REDEEMED, caused::redeemed),
        (caused::WITH_OTHERS, caused::with_others),
        (caused::ADJUSTED, caused::adjusted),
        (caused::APPROVED, caused::approved),
        (caused::OPENED, caused::opened),
        (COMPLETED, read::completed),
    ] {
        // Rows of one key follow each other, a line of it each.
        let mut last: Option<(MemberId, Says)> = None;
        let mut rows = snapshot.stream(sql, [id(program)]);
        while let Some(row) = rows.try_next().await? {
            let member: MemberId = row.try_get_by_index(0)?;
            let is_of_two = sql == MERGES || sql == UNMERGES;
            if erased.contains(&member)
                || (is_of_two && erased.contains(&row.try_get_by_index::<MemberId>(1)?))
            {
                continue;
            }
            let says = of(&row)?;
            if sql == HOLDS {
                read::hold_ended(&row)?.into_iter().for_each(|says| call(member, says));
            }
            if sql == UNMERGES {
                // Both sides have told of it.
                call(member, says.clone());
            }
            match &mut last {
                Some((_, before)) if before.has_lines() && before.key() == says.key() => {
                    before.join(says);
                }
                _ => {
                    let whole = last.replace((member, says));
                    if let Some((member, says)) = whole {
                        call(member, says.in_order());
                    }
                }
            }
        }
        if let Some((member, says)) = last {
            call(member, says.in_order());
        }
    }
    Ok(())
}

/// Calls for what each row says of what a purchase earned, and by which transaction.
pub(super) async fn each_earning(
    snapshot: &mut Snapshot,
    program: ProgramId,
    call: impl FnMut(Says),
) -> Result<()> {
    each_earned(snapshot, program, EARNINGS, call).await
}

/// Calls for what transactions say of the same.
pub(super) async fn each_of_transactions(
    snapshot: &mut Snapshot,
    program: ProgramId,
    call: impl FnMut(Says),
) -> Result<()> {
    each_earned(snapshot, program, EARNED, call).await
}

async fn each_earned(
    snapshot: &mut Snapshot,
    program: ProgramId,
    sql: &str,
    mut call: impl FnMut(Says),
) -> Result<()> {
    let mut rows = snapshot.stream(sql, [id(program)]);
    while let Some(row) = rows.try_next().await? {
        call(Says::Earning(Earning {
            transaction: row.try_get_by_index(0)?,
            purchase: row.try_get_by_index(1)?,
            point_type: row.try_get_by_index(2)?,
            points: row.try_get_by_index(3)?,
        }));
    }
    Ok(())
}

/// What a transaction says that its purchase earned, if it is not the first of the main points.
pub(super) fn earned(found: &TransactionFound) -> Option<Says> {
    let row = found.purchase.as_ref()?;
    let is_another = row.transaction_id != Some(found.row.id)
        && matches!(found.row.kind.as_str(), "EARN" | "PENDING");
    let is_its = |entry: &&EntryRow| {
        entry.account_id.is_some() || entry.system_account.as_deref() == Some("PENDING")
    };
    let entry = found.entries.iter().find(is_its).filter(|_| is_another)?;
    Some(Says::Earning(Earning {
        transaction: found.row.id,
        purchase: row.id,
        point_type: entry.point_type.clone(),
        points: entry.amount.get(),
    }))
}

/// What the purchase says by which a transaction was earned; nothing if it is another's, or a
/// group's.
pub(super) fn of_transaction(found: &TransactionFound, erased: &HashSet<MemberId>) -> Option<Says> {
    let row = found.purchase.as_ref()?;
    let is_its = row.transaction_id == Some(found.row.id) && row.accrual_of.is_none();
    (is_its && !erased.contains(&row.member_id)).then(|| {
        let line = |line: &LineRow| Line {
            sku: line.sku.clone(),
            category: line.category.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
        };
        Says::Purchase(Purchase {
            id: row.id,
            member: row.member_id,
            reference: row.reference.clone(),
            currency: row.currency.clone(),
            total_minor: row.total_minor,
            points: row.points.get(),
            purchased_at: row.purchased_at,
            recorded_at: row.recorded_at,
            lines: found.lines.iter().map(line).collect(),
        })
    })
}
