//! What transactions tell of rows by the causes that they keep, which are sealed: what was spent on a
//! purchase or a reward, alone or with others; by which request of an operator points were given; what
//! another system called points that were taken over.

use super::says::{Adjusted, Approved, Opening, Says, Spent, Table};
use crate::db::{Snapshot, id};
use crate::sealing::TransactionFound;
use crate::{
    AccountId, Id, MemberId, ProgramId, PurchaseId, RedemptionId, Result, Timestamp, TransactionId,
};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use uuid::Uuid;

/// The same transactions as a table.
const CAUSED: &str = "
    SELECT t.id, t.account_id, t.kind, t.effective_at, t.actor, CAST(t.explanation AS TEXT),
        e.point_type, e.amount
    FROM transactions AS t
    JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
        AND e.account_id = t.account_id
    WHERE t.program_id = $1 AND t.kind IN ('SPEND', 'ADJUST', 'OPENING')";

/// A transaction with what its account gained.
struct Caused<'t> {
    id: TransactionId,
    account: AccountId,
    kind: &'t str,
    effective_at: Timestamp,
    actor: &'t str,
    explanation: Option<&'t str>,
    point_type: &'t str,
    amount: i64,
}

#[derive(Deserialize)]
struct SpentOn {
    payment: Option<PurchaseId>,
    redemption: Option<RedemptionId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    reason: String,
    counts_as_earned: bool,
    approved_by: Option<String>,
}

/// What a plugin took is asked for by no request.
#[derive(Deserialize)]
struct Deducted {
    #[serde(rename = "plugin")]
    _plugin: String,
}

#[derive(Deserialize)]
struct TakenOver {
    reference: String,
}

/// Calls for what a transaction tells, but for what is gone with somebody who was erased.
pub(super) fn tell(found: &TransactionFound, erased: &HashSet<MemberId>, call: impl FnMut(Says)) {
    let row = &found.row;
    let own = found.entries.iter().find(|entry| entry.account_id == Some(row.account_id));
    let Some(entry) = own else { return };
    let caused = Caused {
        id: row.id,
        account: row.account_id,
        kind: &row.kind,
        effective_at: row.effective_at,
        actor: &row.actor,
        explanation: row.explanation.as_deref(),
        point_type: &entry.point_type,
        amount: entry.amount.get(),
    };
    caused.tell(erased, call);
}

/// Calls for what all transactions tell.
pub(super) async fn each(
    snapshot: &mut Snapshot,
    program: ProgramId,
    erased: &HashSet<MemberId>,
    mut call: impl FnMut(Says),
) -> Result<()> {
    let mut rows = snapshot.stream(CAUSED, [id(program)]);
    while let Some(row) = rows.try_next().await? {
        let (kind, actor): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(4)?);
        let explanation: Option<String> = row.try_get_by_index(5)?;
        let point_type: String = row.try_get_by_index(6)?;
        let caused = Caused {
            id: row.try_get_by_index(0)?,
            account: row.try_get_by_index(1)?,
            kind: &kind,
            effective_at: row.try_get_by_index(3)?,
            actor: &actor,
            explanation: explanation.as_deref(),
            point_type: &point_type,
            amount: row.try_get_by_index(7)?,
        };
        caused.tell(erased, &mut call);
    }
    Ok(())
}

impl Caused<'_> {
    fn tell(&self, erased: &HashSet<MemberId>, mut call: impl FnMut(Says)) {
        if erased.contains(&self.account.into()) {
            return;
        }
        match self.kind {
            "SPEND" => self.spent().into_iter().for_each(call),
            "ADJUST" if self.read::<Deducted>().is_some() => {}
            "ADJUST" => {
                let (transaction, member) = (self.id, self.account.into());
                call(Says::Adjusted(Adjusted { transaction, member, approved: None }));
                if let Some(approved) = self.approved() {
                    let approved = Some(approved);
                    call(Says::Adjusted(Adjusted { transaction, member, approved }));
                }
            }
            "OPENING" => {
                if let Some(TakenOver { reference }) = self.read() {
                    let (transaction, member) = (self.id, self.account.into());
                    call(Says::Opening(Opening { transaction, member, reference }));
                }
            }
            _ => {}
        }
    }

    fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.explanation?).ok()
    }

    fn spent(&self) -> Option<Says> {
        let SpentOn { payment, redemption } = self.read()?;
        let (table, on) = match (payment, redemption) {
            (Some(purchase), _) => (Table::Purchases, purchase.uuid()),
            (_, Some(redemption)) => (Table::Redemptions, redemption.uuid()),
            _ => return None,
        };
        let points = self.amount.saturating_neg();
        Some(Says::Spent(Spent { transaction: self.id, table, on, points }))
    }

    fn approved(&self) -> Option<Approved> {
        let Given { reason, counts_as_earned, approved_by } = self.read()?;
        Some(Approved {
            point_type: self.point_type.to_owned(),
            points: self.amount,
            reason,
            counts_as_earned,
            requested_by: self.actor.to_owned(),
            decided_by: approved_by?,
            effective_at: self.effective_at,
        })
    }
}

/// By the first transaction a purchase was paid with points; what is the others' is theirs. Whatever
/// says so of a group's row is wrong: its purchase does.
pub(super) const PAID: &str = "
    SELECT COALESCE(t.account_id, b.member_id), COALESCE(b.payment_id, b.id), b.id,
        b.paid_points - COALESCE(p.points, 0)
    FROM purchases AS b
    LEFT JOIN (
        SELECT s.transaction_id, CAST(SUM(s.points) AS BIGINT) AS points
        FROM spend_parts AS s
        WHERE s.program_id = $1
        GROUP BY s.transaction_id
    ) AS p ON p.transaction_id = b.payment_id
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = b.payment_id
    WHERE b.program_id = $1 AND (b.payment_id IS NOT NULL OR b.paid_points <> 0)";
pub(super) const REDEEMED: &str = "
    SELECT COALESCE(t.account_id, r.member_id), r.transaction_id, r.id,
        r.points - COALESCE(p.points, 0)
    FROM redemptions AS r
    LEFT JOIN (
        SELECT s.transaction_id, CAST(SUM(s.points) AS BIGINT) AS points
        FROM spend_parts AS s
        WHERE s.program_id = $1
        GROUP BY s.transaction_id
    ) AS p ON p.transaction_id = r.transaction_id
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = r.transaction_id
    WHERE r.program_id = $1";
/// On what the first of them was spent.
pub(super) const WITH_OTHERS: &str = "
    SELECT COALESCE(t.account_id, s.part_id), s.part_id, COALESCE(b.id, r.id, s.transaction_id),
        s.points
    FROM spend_parts AS s
    LEFT JOIN purchases AS b ON b.program_id = $1 AND b.payment_id = s.transaction_id
    LEFT JOIN redemptions AS r ON r.program_id = $1 AND r.transaction_id = s.transaction_id
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = s.part_id
    WHERE s.program_id = $1";
/// Keys of requests that gave points or took some, and what gift cards got or lost without one. A
/// request that did something else needs a transaction of its member.
pub(super) const ADJUSTED: &str = "
    SELECT a.member_id, a.transaction_id
    FROM adjustments AS a
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = a.transaction_id
        AND t.account_id = a.member_id
    WHERE a.program_id = $1 AND (t.id IS NULL OR t.kind = 'ADJUST')
    UNION ALL
    SELECT t.account_id, t.id
    FROM members AS m
    JOIN transactions AS t ON t.program_id = $1 AND t.account_id = m.id AND t.kind = 'ADJUST'
    LEFT JOIN adjustments AS a ON a.program_id = $1 AND a.transaction_id = t.id
    WHERE m.program_id = $1 AND m.kind = 'GIFT_CARD' AND a.transaction_id IS NULL";
/// Of whoever was merged since the survivor's.
pub(super) const APPROVED: &str = "
    SELECT CASE WHEN g.from_id IS NULL THEN a.member_id ELSE COALESCE(t.account_id, a.member_id) END,
        a.transaction_id, a.point_type, a.points, a.reason, CAST(a.counts_as_earned AS BIGINT),
        a.requested_by, a.decided_by, COALESCE(a.effective_at, a.decided_at)
    FROM approvals AS a
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = a.transaction_id
    LEFT JOIN (
        SELECT DISTINCT g.from_id
        FROM merges AS g
        WHERE g.program_id = $1
    ) AS g ON g.from_id = a.member_id
    WHERE a.program_id = $1 AND a.transaction_id IS NOT NULL";
pub(super) const OPENED: &str = "
    SELECT o.member_id, o.transaction_id, o.reference
    FROM openings AS o
    WHERE o.program_id = $1";

pub(super) fn paid(row: &QueryResult) -> Result<Says> {
    spent(row, Table::Purchases)
}

pub(super) fn redeemed(row: &QueryResult) -> Result<Says> {
    spent(row, Table::Redemptions)
}

pub(super) fn with_others(row: &QueryResult) -> Result<Says> {
    spent(row, Table::SpendParts)
}

fn spent(row: &QueryResult, table: Table) -> Result<Says> {
    let on: Uuid = row.try_get_by_index(2)?;
    let (transaction, points) = (row.try_get_by_index(1)?, row.try_get_by_index(3)?);
    Ok(Says::Spent(Spent { transaction, table, on, points }))
}

pub(super) fn adjusted(row: &QueryResult) -> Result<Says> {
    let (member, transaction) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(Says::Adjusted(Adjusted { transaction, member, approved: None }))
}

pub(super) fn approved(row: &QueryResult) -> Result<Says> {
    let counts_as_earned: i64 = row.try_get_by_index(5)?;
    let approved = Approved {
        point_type: row.try_get_by_index(2)?,
        points: row.try_get_by_index(3)?,
        reason: row.try_get_by_index(4)?,
        counts_as_earned: counts_as_earned != 0,
        requested_by: row.try_get_by_index(6)?,
        decided_by: row.try_get_by_index(7)?,
        effective_at: row.try_get_by_index(8)?,
    };
    let (member, transaction) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(Says::Adjusted(Adjusted { transaction, member, approved: Some(approved) }))
}

pub(super) fn opened(row: &QueryResult) -> Result<Says> {
    Ok(Says::Opening(Opening {
        member: row.try_get_by_index(0)?,
        transaction: row.try_get_by_index(1)?,
        reference: row.try_get_by_index(2)?,
    }))
}
