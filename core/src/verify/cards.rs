//! Cards: each is of an account that can have one, a gift card's account has one card that opens it,
//! and what is said of one that has ended is what became of its account. Nothing sealed has a code, so
//! which code opens an account is not seen.

use super::Subject;
use super::report::Fault;
use crate::db::{Snapshot, id};
use crate::{CardId, MemberId, Points, Result, Timestamp};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use std::collections::HashSet;

/// With whose it was first, who has the account, the card that stands for it instead, and what was
/// moved by a claim or taken by a refund. Those of whoever was erased go.
const ROWS: &str = "
    SELECT c.id, c.account_id, COALESCE(c.origin_id, c.account_id),
        CAST(CASE WHEN c.origin_id IS NULL THEN 0 ELSE 1 END AS BIGINT), c.kind, c.status,
        c.issued_at, c.ended_at, c.ended_points, o.kind,
        CAST(CASE WHEN o.merged_into IS NULL THEN 0 ELSE 1 END AS BIGINT),
        CAST(CASE WHEN a.id IS NULL OR a.merged_into IS NOT NULL THEN 1 ELSE 0 END AS BIGINT),
        n.kind, COALESCE(n.origin_id, n.account_id), n.issued_at, g.merged_at,
        CAST(CASE c.status
            WHEN 'CLAIMED' THEN (
                SELECT COALESCE(SUM(-e.amount), 0)
                FROM transactions AS t
                JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
                    AND e.account_id = t.account_id
                WHERE t.program_id = $1 AND t.account_id = c.origin_id AND t.kind = 'MERGE'
                    AND t.effective_at = g.merged_at
            )
            WHEN 'REFUNDED' THEN (
                SELECT COALESCE(SUM(-e.amount), 0)
                FROM transactions AS t
                JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
                    AND e.account_id = t.account_id AND e.amount < 0
                LEFT JOIN adjustments AS k ON k.program_id = $1 AND k.transaction_id = t.id
                WHERE t.program_id = $1 AND t.account_id = COALESCE(c.origin_id, c.account_id)
                    AND t.kind = 'ADJUST' AND k.transaction_id IS NULL
            )
        END AS BIGINT)
    FROM cards AS c
    LEFT JOIN members AS o ON o.program_id = $1 AND o.id = COALESCE(c.origin_id, c.account_id)
    LEFT JOIN members AS a ON a.program_id = $1 AND a.id = c.account_id
    LEFT JOIN cards AS n ON n.program_id = $1 AND n.id = c.replaced_by
    LEFT JOIN (
        SELECT m.from_id, MAX(m.merged_at) AS merged_at
        FROM merges AS m
        WHERE m.program_id = $1
        GROUP BY m.from_id
    ) AS g ON g.from_id = c.origin_id
    WHERE c.program_id = $1 AND o.erased_at IS NULL AND a.erased_at IS NULL
    ORDER BY c.id";
/// Accounts of gift cards that no card opens, or several.
const OPENED: &str = "
    SELECT m.id, CAST(COUNT(c.id) AS BIGINT)
    FROM members AS m
    LEFT JOIN cards AS c ON c.program_id = $1 AND c.account_id = m.id AND c.status <> 'REPLACED'
    WHERE m.program_id = $1 AND m.kind = 'GIFT_CARD' AND m.merged_into IS NULL
        AND m.erased_at IS NULL
    GROUP BY m.id
    HAVING COUNT(c.id) <> 1
    ORDER BY m.id
    LIMIT 1";

/// How many rows there are, and the first that is wrong.
#[derive(Default)]
pub(super) struct Cards {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

/// Of whoever was merged, ever, less is known.
pub(super) async fn compare(
    snapshot: &mut Snapshot,
    subject: &Subject,
    merged: &HashSet<MemberId>,
) -> Result<Cards> {
    let mut cards = Cards::default();
    let mut rows = snapshot.stream(ROWS, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        cards.rows += 1;
        if cards.fault.is_none() {
            cards.fault = Row::of(&row)?.fault(merged);
        }
    }
    drop(rows);
    if cards.fault.is_none() {
        cards.fault = unopened(snapshot, subject).await?;
    }
    Ok(cards)
}

async fn unopened(snapshot: &mut Snapshot, subject: &Subject) -> Result<Option<Fault>> {
    let Some(row) = snapshot.rows(OPENED, [id(subject.id)]).await?.pop() else { return Ok(None) };
    let (account, many): (MemberId, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let of = format!("of the gift card's account {account}");
    Ok(Some(Fault::new("cards", of, "one card that opens it", many)))
}

struct Row {
    id: CardId,
    account: MemberId,
    /// Whose it was before anybody was merged.
    origin: MemberId,
    is_moved: bool,
    kind: String,
    status: String,
    issued_at: Timestamp,
    ended_at: Option<Timestamp>,
    ended_points: Option<Points>,
    origin_kind: Option<String>,
    is_origin_merged: bool,
    /// Nobody, or a member who is another now.
    is_of_nobody: bool,
    instead: Option<Instead>,
    merged_at: Option<Timestamp>,
    /// By a claim or a refund.
    taken: Option<Points>,
}

/// The card that stands for the account instead.
struct Instead {
    kind: String,
    origin: MemberId,
    issued_at: Timestamp,
}

impl Row {
    fn of(row: &QueryResult) -> Result<Self> {
        let is = |column: usize| row.try_get_by_index::<i64>(column).map(|one| one != 0);
        let kind: Option<String> = row.try_get_by_index(12)?;
        let instead = match kind {
            Some(kind) => Some(Instead {
                kind,
                origin: row.try_get_by_index(13)?,
                issued_at: row.try_get_by_index(14)?,
            }),
            None => None,
        };
        Ok(Self {
            id: row.try_get_by_index(0)?,
            account: row.try_get_by_index(1)?,
            origin: row.try_get_by_index(2)?,
            is_moved: is(3)?,
            kind: row.try_get_by_index(4)?,
            status: row.try_get_by_index(5)?,
            issued_at: row.try_get_by_index(6)?,
            ended_at: row.try_get_by_index(7)?,
            ended_points: row.try_get_by_index(8)?,
            origin_kind: row.try_get_by_index(9)?,
            is_origin_merged: is(10)?,
            is_of_nobody: is(11)?,
            instead,
            merged_at: row.try_get_by_index(15)?,
            taken: row.try_get_by_index(16)?,
        })
    }

    fn is_gift(&self) -> bool {
        self.kind == "GIFT"
    }

    fn fault(&self, merged: &HashSet<MemberId>) -> Option<Fault> {
        let fault =
            |expected: String, found: String| Some(Fault::new("cards", self.id, expected, found));
        let is_gifts = self.origin_kind.as_deref() == Some("GIFT_CARD");
        if self.is_of_nobody || self.origin_kind.is_none() || is_gifts != self.is_gift() {
            let expected = format!("an account that has a card of the kind {}", self.kind);
            return fault(expected, self.account.to_string());
        }
        if self.is_moved && !merged.contains(&self.origin) {
            let expected = format!("a merge of {}", self.origin);
            return fault(expected, format!("the account {}", self.account));
        }
        if self.is_gift() && self.is_moved != self.is_origin_merged {
            let expected = "an account that was claimed, or not".to_owned();
            return fault(expected, format!("the account {}", self.account));
        }
        let (ends, found) = (self.ends(merged), (self.ended_at, self.ended_points));
        if ends.is_none_or(|ends| ends != found) {
            let shown = |(at, points): (Option<Timestamp>, Option<Points>)| {
                let at = at.map_or("not ended".to_owned(), |at| format!("ended at {at}"));
                points.map_or(at.clone(), |points| format!("{at} with {points} points"))
            };
            let expected = ends.map_or("another status".to_owned(), shown);
            return fault(expected, format!("{}, {}", self.status, shown(found)));
        }
        None
    }

    /// When it ended, and with how many points, as its account says; none if it is not in that status.
    fn ends(&self, merged: &HashSet<MemberId>) -> Option<(Option<Timestamp>, Option<Points>)> {
        let ended = |at: Timestamp| Some(at.max(self.issued_at));
        match (self.status.as_str(), &self.instead) {
            ("ACTIVE" | "BLOCKED", None) => {
                (!self.is_gift() || !self.is_moved).then_some((None, None))
            }
            ("REPLACED", Some(instead)) => {
                let is_its = instead.origin == self.origin
                    || [instead.origin, self.origin].iter().all(|one| merged.contains(one));
                (is_its && instead.kind == self.kind).then(|| (ended(instead.issued_at), None))
            }
            ("CLAIMED", None) => {
                let at = self.merged_at.filter(|_| self.is_gift() && self.is_moved)?;
                Some((ended(at), self.taken))
            }
            // When it was refunded nothing says of an empty one.
            ("REFUNDED", None) => self.is_gift().then_some((self.ended_at, self.taken)),
            _ => None,
        }
    }
}
