//! A page of the journal: which rows it is in, and what of them is asked for.

use super::{ChangeKind, ChangesRequest, Position};
use crate::context::Context;
use crate::db::{id, limit};
use crate::journal::{Item, kinds, unpack};
use crate::{Actor, Code, Error, Result};
use sea_orm::FromQueryResult;

/// How many rows a page reads at most to find changes of the kinds that are asked for. What it does
/// not find there, the next page looks for.
const ROWS_MAX: u64 = 1_000;

/// What a page lists.
pub(super) struct Listed {
    pub(super) items: Vec<(Position, Item)>,
    pub(super) end: Position,
    pub(super) has_more: bool,
}

#[derive(FromQueryResult)]
struct JournalRow {
    position: i64,
    count: i32,
    /// None when no item is of a kind that is asked for.
    items: Option<Vec<u8>>,
}

/// Rows from that on which has the position `$2`; the last one when none has.
const ROWS: &str = "
    SELECT j.position, j.count, CASE WHEN (j.kinds & $3) <> 0 THEN j.items END AS items
    FROM journal AS j
    WHERE j.program_id = $1 AND j.position >= COALESCE((
        SELECT MAX(position)
        FROM journal
        WHERE program_id = $1 AND position <= $2
    ), 1)
    ORDER BY j.position
    LIMIT $4";

pub(super) async fn read(
    context: &Context,
    actor: &Actor,
    request: &ChangesRequest,
) -> Result<Listed> {
    let (after, bits) = (request.after.get(), kinds(request.kinds.iter().copied()));
    // Of all kinds, each row has a change at least.
    let is_all = bits == kinds(ChangeKind::ALL.iter().copied());
    let most = if is_all { request.first + 1 } else { ROWS_MAX };
    let values = [id(actor.program()), after.saturating_add(1).into(), bits.into(), limit(most)];
    let db = &context.db;
    let rows = JournalRow::find_by_statement(db.sql(ROWS, values)).all(db.read()).await?;
    let last = rows.last().map_or(0, JournalRow::last);
    if last < after {
        let why = format!(
            "the changes of this program end at {last}, before this cursor: it is another \
             program's, or the database was restored to an earlier state"
        );
        return Err(Error::new(Code::InvalidCursor, why).at("after"));
    }
    let mut listed = listed(&rows, request, last)?;
    listed.has_more |= rows.len() as u64 == most;
    Ok(listed)
}

impl JournalRow {
    /// The position of the row's last item.
    fn last(&self) -> i64 {
        self.position.saturating_add(i64::from(self.count)) - 1
    }
}

fn listed(rows: &[JournalRow], request: &ChangesRequest, last: i64) -> Result<Listed> {
    let mut items = Vec::new();
    let mut end = request.after.get();
    'rows: for row in rows {
        let Some(packed) = &row.items else {
            end = row.last();
            continue;
        };
        for (position, item) in (row.position..).zip(unpack(packed)?) {
            if position <= end {
                continue;
            }
            if request.kinds.contains(&item.kind()) {
                if items.len() as u64 == request.first {
                    break 'rows;
                }
                items.push((Position(position), item));
            }
            end = position;
        }
    }
    Ok(Listed { items, end: Position(end), has_more: end < last })
}
