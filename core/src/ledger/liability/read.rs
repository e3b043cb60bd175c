//! Adding up a ledger: one statement, which answers some sums for each month and type of points.

use super::span::Span;
use crate::accounts::PointType;
use crate::context::{Context, Program};
use crate::db::{Snapshot, id, instant};
use crate::operation::Kind;
use crate::{Error, Points, Result};
use sea_orm::QueryResult;

/// One sum.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    pub(super) what: What,
    pub(super) point_type: PointType,
    /// The index of the month in the span, where there is one.
    pub(super) month: Option<usize>,
    pub(super) points: Points,
}

/// What was added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// What transactions of a kind changed.
    Moved(Kind),
    Outstanding,
    Held,
    Pending,
    Owed,
}

/// `$1` is the program, `$2` its now, and from `$3` on months begin.
///
/// A movement is an entry of those accounts that points come from and go to. Between wallets, HELD,
/// PENDING, TRANSFERRED and MERGED nothing changes what is owed. Points that have expired, or whose hold is
/// over, or that are pending no longer, count as what they are, whether or not it was written down.
const SUMS: &str = "
    WITH open_lots AS (
        SELECT l.point_type, l.remaining, COALESCE(l.expires_at, w.lasts_until) AS expires_at
        FROM lots AS l
        LEFT JOIN wallets AS w ON w.program_id = $1 AND w.account_id = l.account_id
            AND w.point_type = l.point_type AND l.slides = 1
        WHERE l.program_id = $1 AND l.remaining > 0 AND COALESCE(l.pending_until, $2) <= $2
    )
    SELECT what, point_type, month, CAST(SUM(amount) AS BIGINT) AS amount
    FROM (
        SELECT t.kind AS what, e.point_type,
            {month: CASE WHEN t.kind = 'EXPIRE' THEN t.effective_at - 1 ELSE t.effective_at END}
                AS month,
            -e.amount AS amount
        FROM entries AS e
        JOIN transactions AS t ON t.program_id = $1 AND t.id = e.transaction_id
        WHERE e.program_id = $1
            AND e.system_account IN
                ('ISSUED', 'ADJUSTED', 'OPENING', 'REDEEMED', 'BREAKAGE')
        UNION ALL
        SELECT 'EXPIRE', l.point_type, {month: l.expires_at - 1}, -l.remaining
        FROM open_lots AS l
        WHERE l.expires_at <= $2
        UNION ALL
        SELECT 'outstanding', l.point_type, {month: l.expires_at - 1}, l.remaining
        FROM open_lots AS l
        WHERE l.expires_at IS NULL OR l.expires_at > $2
        UNION ALL
        SELECT 'pending', l.point_type, NULL, l.remaining
        FROM lots AS l
        WHERE l.program_id = $1 AND l.remaining > 0 AND l.pending_until > $2
        UNION ALL
        SELECT 'held', h.point_type, NULL, h.points
        FROM holds AS h
        WHERE h.program_id = $1 AND h.ended_at IS NULL AND h.expires_at > $2
        UNION ALL
        SELECT CASE WHEN l.expires_at <= $2 THEN 'EXPIRE' ELSE 'outstanding' END, l.point_type,
            {month: CASE
                WHEN l.expires_at <= $2 AND l.free_at > l.expires_at THEN l.free_at
                ELSE l.expires_at
            END - 1},
            CASE WHEN l.expires_at <= $2 THEN -l.amount ELSE l.amount END
        FROM (
            SELECT h.point_type, h.expires_at AS free_at, u.amount,
                COALESCE(l.expires_at, w.lasts_until) AS expires_at
            FROM holds AS h
            JOIN lot_uses AS u ON u.program_id = $1 AND u.transaction_id = h.transaction_id
            JOIN lots AS l ON l.program_id = $1 AND l.account_id = h.account_id AND l.id = u.lot_id
            LEFT JOIN wallets AS w ON w.program_id = $1 AND w.account_id = l.account_id
                AND w.point_type = l.point_type AND l.slides = 1
            WHERE h.program_id = $1 AND h.ended_at IS NULL AND h.expires_at <= $2
        ) AS l
        UNION ALL
        SELECT 'owed', w.point_type, NULL, w.owed
        FROM wallets AS w
        WHERE w.program_id = $1 AND w.owed > 0
    ) AS moved
    GROUP BY what, point_type, month";

/// Adds up a ledger as it is; returns the program at its now, and the months.
pub(super) async fn sums(
    context: &Context,
    mut program: Program,
    months: u16,
) -> Result<(Program, Span, Vec<Sum>)> {
    let mut snapshot = Snapshot::open(&context.db).await?;
    snapshot.whole().await?;
    let stamp = snapshot.ask(context.look(program.id)).await?.stamp()?;
    program.now = stamp.map_or(program.now, |stamp| stamp.now);
    let span = Span::of(&program, months)?;
    let values = [id(program.id), instant(program.now)];
    let starts = span.starts.iter().map(|start| instant(*start));
    let rows = snapshot.rows(&text(&span), values.into_iter().chain(starts)).await?;
    snapshot.close().await?;
    let sums = rows.iter().map(Sum::of).collect::<Result<_>>()?;
    Ok((program, span, sums))
}

/// The statement, with the months in place.
fn text(span: &Span) -> String {
    let mut text = String::new();
    let mut rest = SUMS;
    while let Some((before, after)) = rest.split_once("{month:") {
        let (at, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&month_of(&format!("({})", at.trim()), 0, span.starts.len()));
        rest = after;
    }
    text + rest
}

/// The index of the last month that begins at or before `at`, of `count` months from `first` on,
/// before which it is the one before `first`. Few comparisons, for there are many rows.
fn month_of(at: &str, first: usize, count: usize) -> String {
    if count == 0 {
        return first.checked_sub(1).map_or("NULL".to_owned(), |month| month.to_string());
    }
    let middle = first + count / 2;
    let later = month_of(at, middle + 1, first + count - middle - 1);
    let earlier = month_of(at, first, middle - first);
    format!("CASE WHEN {at} >= ${} THEN {later} ELSE {earlier} END", middle + 3)
}

impl Sum {
    fn of(row: &QueryResult) -> Result<Self> {
        let (what, point_type): (String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let month: Option<i32> = row.try_get_by_index(2)?;
        Ok(Self {
            what: What::parse(&what)?,
            point_type: PointType::of_stored(point_type),
            month: month.and_then(|month| usize::try_from(month).ok()),
            points: Points::sum([Points::new(row.try_get_by_index(3)?)])?,
        })
    }
}

impl What {
    fn parse(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "outstanding" => Self::Outstanding,
            "held" => Self::Held,
            "pending" => Self::Pending,
            "owed" => Self::Owed,
            kind => Self::Moved(Kind::parse(kind)?),
        })
    }
}
