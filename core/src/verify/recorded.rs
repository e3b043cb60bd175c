//! The rows that the journal has to list: each transaction, event and message, once.

use super::Subject;
use super::listed::{Listed, Side};
use super::reading::each_listed;
use super::report::{Fault, First};
use super::snapshot::Snapshot;
use crate::db::{id, limit};
use crate::journal::Item;
use crate::{AccountId, Id, MemberId, MessageId, Result, TransactionId};
use uuid::Uuid;

/// How many rows are read at a time.
const ROWS: u64 = 10_000;

const TRANSACTIONS: &str = "
    SELECT t.id
    FROM transactions AS t
    WHERE t.program_id = $1 AND t.id > $2
    ORDER BY t.id
    LIMIT $3";
const MESSAGES: &str = "
    SELECT q.id
    FROM messages AS q
    WHERE q.program_id = $1 AND q.id > $2
    ORDER BY q.id
    LIMIT $3";
/// A member's events are numbered from 1 on, and the account knows the last number.
const EVENTS: &str = "
    SELECT a.id, a.event_seq, CAST(COUNT(v.member_seq) AS BIGINT), MIN(v.member_seq),
        MAX(v.member_seq)
    FROM (
        SELECT id, event_seq
        FROM accounts
        WHERE program_id = $1 AND id > $2
        ORDER BY id
        LIMIT $3
    ) AS a
    LEFT JOIN events AS v ON v.program_id = $1 AND v.member_id = a.id
    GROUP BY a.id, a.event_seq
    ORDER BY a.id";
const NUMBERS: &str = "
    SELECT v.member_seq
    FROM events AS v
    WHERE v.program_id = $1 AND v.member_id = $2
    ORDER BY v.member_seq";

/// How many rows there are, and the first that is wrong.
#[derive(Default)]
pub(super) struct Recorded {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

/// Compares the rows with what the walk has found listed.
pub(super) async fn compare(
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    listed: &mut Listed,
) -> Result<Recorded> {
    let mut recorded = Recorded::default();
    let gap = each_row(snapshot, subject, |item| {
        recorded.rows += 1;
        listed.add(Side::Rows, &item);
    })
    .await?;
    recorded.fault = gap;
    if let Some(mut part) = listed.different() {
        each_listed(snapshot, subject, |item| listed.count(&mut part, Side::Journal, &item))
            .await?;
        each_row(snapshot, subject, |item| listed.count(&mut part, Side::Rows, &item)).await?;
        if let Some(fault) = part.fault() {
            recorded.fault.first(|| fault);
        }
    }
    Ok(recorded)
}

/// Calls for each row; returns the first event that is missing among a member's.
async fn each_row(
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<Option<Fault>> {
    for (sql, item) in [
        (TRANSACTIONS, (|id| Item::Transaction(TransactionId::from_uuid(id))) as fn(Uuid) -> Item),
        (MESSAGES, |id| Item::Message(MessageId::from_uuid(id))),
    ] {
        let mut after = Uuid::nil();
        loop {
            let rows = snapshot.rows(sql, [id(subject.id), after.into(), limit(ROWS)]).await?;
            for row in &rows {
                after = row.try_get_by_index(0)?;
                call(item(after));
            }
            if rows.is_empty() {
                break;
            }
        }
    }
    each_event(snapshot, subject, call).await
}

async fn each_event(
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<Option<Fault>> {
    let (mut gap, mut after) = (None, AccountId::FIRST);
    loop {
        let rows = snapshot.rows(EVENTS, [id(subject.id), id(after), limit(ROWS)]).await?;
        for row in &rows {
            after = row.try_get_by_index(0)?;
            let (last, count): (i64, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let ends: (Option<i64>, Option<i64>) =
                (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
            let member = MemberId::from(after);
            if count == last && (ends == (Some(1), Some(last)) || last == 0) {
                (1..=last).for_each(|seq| call(Item::Event { member, seq }));
                continue;
            }
            let mut expected = 1;
            for row in snapshot.rows(NUMBERS, [id(subject.id), id(member)]).await? {
                let seq: i64 = row.try_get_by_index(0)?;
                call(Item::Event { member, seq });
                expected += i64::from(seq == expected);
            }
            gap.first(|| {
                let key = format!("{member} {expected}");
                let wanted = format!("events 1 to {last}, as the account says");
                let found = format!("{count}, the last {}", ends.1.unwrap_or_default());
                Fault::new("events", key, wanted, found)
            });
        }
        if rows.is_empty() {
            return Ok(gap);
        }
    }
}
