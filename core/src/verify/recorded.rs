//! The rows that the journal has to list: each transaction, event and message, once.

use super::Subject;
use super::listed::{Listed, Side};
use super::reading::each_listed;
use super::report::{Fault, First};
use crate::db::{Snapshot, id, limit};
use crate::journal::Item;
use crate::{AccountId, Id, MemberId, MessageId, Result, TransactionId};
use sea_orm::QueryResult;
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
/// A member's events are numbered from 1 on, and the account knows the last number. Of a member who
/// was erased those before the one that tells of it are gone, or go.
const EVENTS: &str = "
    SELECT a.id, a.event_seq, COALESCE(z.seq, 1), CAST(COUNT(v.member_seq) AS BIGINT),
        MIN(v.member_seq), MAX(v.member_seq)
    FROM (
        SELECT id, event_seq
        FROM accounts
        WHERE program_id = $1 AND id > $2
        ORDER BY id
        LIMIT $3
    ) AS a
    LEFT JOIN erasures AS z ON z.program_id = $1 AND z.member_id = a.id
    LEFT JOIN events AS v ON v.program_id = $1 AND v.member_id = a.id
        AND v.member_seq >= COALESCE(z.seq, 1)
    GROUP BY a.id, a.event_seq, z.seq
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
    snapshot: &mut Snapshot,
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
    snapshot: &mut Snapshot,
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
    snapshot: &mut Snapshot,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<Option<Fault>> {
    let (mut gap, mut after) = (None, AccountId::FIRST);
    loop {
        let rows = snapshot.rows(EVENTS, [id(subject.id), id(after), limit(ROWS)]).await?;
        for row in &rows {
            let numbers = Numbers::of(row)?;
            after = numbers.account;
            let member = MemberId::from(after);
            if numbers.are_whole() {
                (1..=numbers.expected).for_each(|seq| call(Item::Event { member, seq }));
                continue;
            }
            let mut first_missing = numbers.kept_from;
            // As far as they are there, those before are gone rightly.
            (1..numbers.kept_from).for_each(|seq| call(Item::Event { member, seq }));
            for row in snapshot.rows(NUMBERS, [id(subject.id), id(member)]).await? {
                let seq: i64 = row.try_get_by_index(0)?;
                if seq < numbers.kept_from {
                    continue;
                }
                call(Item::Event { member, seq });
                first_missing += i64::from(seq == first_missing);
            }
            gap.first(|| numbers.fault(first_missing));
        }
        if rows.is_empty() {
            return Ok(gap);
        }
    }
}

/// How many events an account says that it has, and how many there are.
struct Numbers {
    account: AccountId,
    expected: i64,
    /// The first that has to be there.
    kept_from: i64,
    count: i64,
    first: Option<i64>,
    last: Option<i64>,
}

impl Numbers {
    fn of(row: &QueryResult) -> Result<Self> {
        Ok(Self {
            account: row.try_get_by_index(0)?,
            expected: row.try_get_by_index(1)?,
            kept_from: row.try_get_by_index(2)?,
            count: row.try_get_by_index(3)?,
            first: row.try_get_by_index(4)?,
            last: row.try_get_by_index(5)?,
        })
    }

    fn are_whole(&self) -> bool {
        let ends = (self.first, self.last);
        let is_none = self.count == 0 && self.expected == 0;
        is_none
            || (self.count == self.expected - self.kept_from + 1
                && ends == (Some(self.kept_from), Some(self.expected)))
    }

    fn fault(&self, first_missing: i64) -> Fault {
        let key = format!("{} {first_missing}", MemberId::from(self.account));
        let expected =
            format!("events {} to {}, as the account says", self.kept_from, self.expected);
        let found = format!("{}, the last {}", self.count, self.last.unwrap_or_default());
        Fault::new("events", key, expected, found)
    }
}
