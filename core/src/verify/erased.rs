//! Members who were erased: each erasure is told of by an event, which is sealed, and what it says is
//! so. Nobody hides behind an erasure what was taken away otherwise, and nothing personal is left.

use super::Subject;
use super::report::{Fault, First};
use crate::db::{Snapshot, id, limit};
use crate::{EventId, Id, MemberId, Result};
use sea_orm::QueryResult;
use serde::Deserialize;

/// How many are read at a time.
const ROWS: u64 = 1_000;

/// Messages that are there, as many as the event says, and nothing in them.
const ERASED: &str = "
    SELECT z.member_id, z.seq, v.name, CAST(v.data AS TEXT), a.event_seq,
        CAST(CASE
            WHEN a.erased_at IS NULL OR m.erased_at IS NULL OR m.name <> ''
                OR m.erased_at <> v.occurred_at THEN 1
            ELSE 0
        END AS BIGINT),
        (
            SELECT CAST(COUNT(*) AS BIGINT)
            FROM messages AS q
            WHERE q.program_id = $1 AND q.member_id = z.member_id
        ),
        CASE WHEN z.finished_at IS NULL THEN 0 ELSE (
            SELECT CAST(COUNT(*) AS BIGINT)
            FROM messages AS q
            WHERE q.program_id = $1 AND q.member_id = z.member_id AND q.event_id <> $4
        ) END,
        CASE WHEN z.finished_at IS NULL THEN 0 ELSE (
            SELECT CAST(COUNT(*) AS BIGINT)
            FROM events AS w
            WHERE w.program_id = $1 AND w.member_id = z.member_id AND w.member_seq < z.seq
        ) END
    FROM (
        SELECT member_id, seq, finished_at
        FROM erasures
        WHERE program_id = $1 AND member_id > $2
        ORDER BY member_id
        LIMIT $3
    ) AS z
    LEFT JOIN events AS v ON v.program_id = $1 AND v.member_id = z.member_id
        AND v.member_seq = z.seq
    LEFT JOIN accounts AS a ON a.program_id = $1 AND a.id = z.member_id
    LEFT JOIN members AS m ON m.program_id = $1 AND m.id = z.member_id
    ORDER BY z.member_id";

/// Whoever is called erased of whom no erasure is recorded.
const CALLED: &str = "
    SELECT q.called, q.id
    FROM (
        SELECT 'members' AS called, m.id
        FROM members AS m
        WHERE m.program_id = $1 AND m.erased_at IS NOT NULL
        UNION ALL
        SELECT 'accounts', a.id
        FROM accounts AS a
        WHERE a.program_id = $1 AND a.erased_at IS NOT NULL
    ) AS q
    LEFT JOIN erasures AS z ON z.program_id = $1 AND z.member_id = q.id
    WHERE z.member_id IS NULL
    ORDER BY q.id, q.called
    LIMIT 1";

/// How many there are, and the first that is wrong.
#[derive(Default)]
pub(super) struct Erased {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

pub(super) async fn compare(snapshot: &mut Snapshot, subject: &Subject) -> Result<Erased> {
    let (mut erased, mut after) = (Erased::default(), MemberId::FIRST);
    loop {
        let values = [id(subject.id), id(after), limit(ROWS), id(EventId::NONE)];
        let page = snapshot.rows(ERASED, values).await?;
        for row in &page {
            let one = One::of(row)?;
            after = one.member;
            erased.rows += 1;
            if let Some(fault) = one.fault() {
                erased.fault.first(|| fault);
            }
        }
        if page.is_empty() {
            if let Some(row) = snapshot.rows(CALLED, [id(subject.id)]).await?.pop() {
                let fault = called(&row)?;
                erased.fault.first(|| fault);
            }
            return Ok(erased);
        }
    }
}

fn called(row: &QueryResult) -> Result<Fault> {
    let (called, member): (String, MemberId) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let table = if called == "members" { "members" } else { "accounts" };
    Ok(Fault::new(table, member, "somebody of whom no event says so", "a member who was erased"))
}

/// How many messages the event says that there were; nothing if it cannot be read.
fn said(data: Option<String>) -> Option<i64> {
    #[derive(Deserialize)]
    struct Data {
        messages: i64,
    }
    let data: Data = serde_json::from_str(&data?).ok()?;
    Some(data.messages)
}

/// A member who was erased.
struct One {
    member: MemberId,
    seq: i64,
    event: Option<String>,
    said: Option<i64>,
    last: Option<i64>,
    is_somebody: bool,
    messages: i64,
    left: [(&'static str, i64); 2],
}

impl One {
    fn of(row: &QueryResult) -> Result<Self> {
        let is_somebody: i64 = row.try_get_by_index(5)?;
        Ok(Self {
            member: MemberId::from_uuid(row.try_get_by_index(0)?),
            seq: row.try_get_by_index(1)?,
            event: row.try_get_by_index(2)?,
            said: said(row.try_get_by_index(3)?),
            last: row.try_get_by_index(4)?,
            is_somebody: is_somebody != 0,
            messages: row.try_get_by_index(6)?,
            left: [("messages", row.try_get_by_index(7)?), ("events", row.try_get_by_index(8)?)],
        })
    }

    fn fault(self) -> Option<Fault> {
        let Self { member, seq, event, said, last, is_somebody, messages, left } = self;
        if event.as_deref() != Some("member-erased") {
            let expected = format!("the event `member-erased` with number {seq}");
            let found = event.map_or("none".to_owned(), |name| format!("`{name}`"));
            return Some(Fault::new("erasures", member, expected, found));
        }
        if last != Some(seq) {
            let found = last.map_or("no account".to_owned(), |last| format!("number {last}"));
            return Some(Fault::new("accounts", member, format!("{seq} as the last event"), found));
        }
        if is_somebody {
            return Some(Fault::new("members", member, "nobody", "a member who was erased"));
        }
        if said != Some(messages) {
            let expected = format!("{} messages, as its event says", said.unwrap_or_default());
            return Some(Fault::new("messages", member, expected, messages));
        }
        let left = left.into_iter().find(|(_, rows)| *rows > 0)?;
        Some(Fault::new(left.0, member, "nothing of a member who was erased", left.1))
    }
}
