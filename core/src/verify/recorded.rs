//! The rows that the journal has to list: each transaction, event and message, once.

use super::Subject;
use super::listed::{Listed, Side};
use super::reading::each_listed;
use super::report::Fault;
use crate::db::{Snapshot, id};
use crate::journal::Item;
use crate::{AccountId, Id, MemberId, MessageId, Result, TransactionId};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use uuid::Uuid;

const TRANSACTIONS: &str = "SELECT t.id FROM transactions AS t WHERE t.program_id = $1";
const MESSAGES: &str = "SELECT q.id FROM messages AS q WHERE q.program_id = $1";
/// A member's events are numbered from 1 on, and the account knows the last number. Of a member who
/// was erased those before the one that tells of it are gone, or go.
const EVENTS: &str = "
    SELECT a.id, a.event_seq, COALESCE(z.seq, 1), CAST(COUNT(v.member_seq) AS BIGINT),
        MIN(v.member_seq), MAX(v.member_seq)
    FROM accounts AS a
    LEFT JOIN erasures AS z ON z.program_id = $1 AND z.member_id = a.id
    LEFT JOIN events AS v ON v.program_id = $1 AND v.member_id = a.id
        AND v.member_seq >= COALESCE(z.seq, 1)
    WHERE a.program_id = $1
    GROUP BY a.id, a.event_seq, z.seq
    ORDER BY a.id";
const NUMBERS: &str = "
    SELECT v.member_seq
    FROM events AS v
    WHERE v.program_id = $1 AND v.member_id = $2
    ORDER BY v.member_seq";

/// How many rows there are, and the first that is wrong.
pub(super) struct Recorded {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

/// Adds the rows to what is listed.
pub(super) async fn add_rows(
    snapshot: &mut Snapshot,
    subject: &Subject,
    listed: &mut Listed,
) -> Result<Recorded> {
    let mut rows = 0;
    let gaps = each_row(snapshot, subject, |item| {
        rows += 1;
        listed.add(Side::Rows, &item);
    })
    .await?;
    let fault = match gaps.first {
        Some(numbers) => Some(numbers.gap(snapshot, subject).await?),
        None => None,
    };
    Ok(Recorded { rows: rows + gaps.rows, fault })
}

/// Names a row that is listed otherwise than it is there, now that both are added up and no
/// member's events have a gap.
pub(super) async fn compare(
    snapshot: &mut Snapshot,
    subject: &Subject,
    listed: &Listed,
) -> Result<Option<Fault>> {
    let Some(mut part) = listed.different() else { return Ok(None) };
    each_listed(snapshot, subject, |item| listed.count(&mut part, Side::Journal, &item)).await?;
    each_row(snapshot, subject, |item| listed.count(&mut part, Side::Rows, &item)).await?;
    Ok(part.fault())
}

/// Members whose events have gaps: the first, and how many events there are of all of them.
#[derive(Default)]
struct Gaps {
    first: Option<Numbers>,
    rows: u64,
}

/// Calls for each row, but for the events of members who lack some.
async fn each_row(
    snapshot: &mut Snapshot,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<Gaps> {
    for (sql, item) in [
        (TRANSACTIONS, (|id| Item::Transaction(TransactionId::from_uuid(id))) as fn(Uuid) -> Item),
        (MESSAGES, |id| Item::Message(MessageId::from_uuid(id))),
    ] {
        let mut rows = snapshot.stream(sql, [id(subject.id)]);
        while let Some(row) = rows.try_next().await? {
            call(item(row.try_get_by_index(0)?));
        }
    }
    each_event(snapshot, subject, call).await
}

async fn each_event(
    snapshot: &mut Snapshot,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<Gaps> {
    let mut gaps = Gaps::default();
    let mut rows = snapshot.stream(EVENTS, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        let numbers = Numbers::of(&row)?;
        let member = MemberId::from(numbers.account);
        if numbers.are_whole() {
            // As far as they are there, those before an erasure are gone rightly.
            (1..=numbers.expected).for_each(|seq| call(Item::Event { member, seq }));
            continue;
        }
        let rows = numbers.kept_from.saturating_sub(1).saturating_add(numbers.count);
        gaps.rows += u64::try_from(rows).unwrap_or_default();
        gaps.first.get_or_insert(numbers);
    }
    Ok(gaps)
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

    /// Names the first that is missing.
    async fn gap(&self, snapshot: &mut Snapshot, subject: &Subject) -> Result<Fault> {
        let mut first_missing = self.kept_from;
        for row in snapshot.rows(NUMBERS, [id(subject.id), id(self.account)]).await? {
            let seq: i64 = row.try_get_by_index(0)?;
            first_missing += i64::from(seq == first_missing);
        }
        Ok(self.fault(first_missing))
    }

    fn fault(&self, first_missing: i64) -> Fault {
        let key = format!("{} {first_missing}", MemberId::from(self.account));
        let expected =
            format!("events {} to {}, as the account says", self.kept_from, self.expected);
        let found = format!("{}, the last {}", self.count, self.last.unwrap_or_default());
        Fault::new("events", key, expected, found)
    }
}
