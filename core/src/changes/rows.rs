//! A page of the journal: which rows it is in, and what of them is asked for.

use super::{ChangeKind, ChangesRequest, Position};
use crate::context::Context;
use crate::db::{id, limit};
use crate::journal::{Item, kinds, unpack};
use crate::{Actor, Code, Error, Id, ProgramId, Result};
use sea_orm::FromQueryResult;
use sha2::{Digest, Sha256};

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
    /// The first of its items, an event and a transaction long.
    head: Vec<u8>,
    /// None when no item is of a kind that is asked for.
    items: Option<Vec<u8>>,
}

/// Rows from that on which has the position `$2`; all of them if it is the start.
const ROWS: &str = "
    SELECT j.position, j.count, substr(j.items, 1, 48) AS head, CASE WHEN (j.kinds & $3) <> 0 THEN j.items END AS items
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
    let (after, bits) = (request.after.number, kinds(request.kinds.iter().copied()));
    // Of all kinds, each row has a change at least, but for that in which the page before ended.
    let is_all = bits == kinds(ChangeKind::ALL.iter().copied());
    let most = if is_all { request.first + 2 } else { ROWS_MAX };
    let values = [id(actor.program()), after.into(), bits.into(), limit(most)];
    let db = &context.db;
    let rows = JournalRow::find_by_statement(db.sql(ROWS, values)).all(db.read()).await?;
    let last = rows.last().map_or(0, JournalRow::last);
    let is_known =
        |row: &JournalRow| row.last() >= after && row.mark(actor.program()) == request.after.mark;
    if after > 0 && !rows.first().is_some_and(is_known) {
        let why = "this program has not had this cursor: it is another program's, or the database \
                   was restored to an earlier state. Begin anew, without a cursor";
        return Err(Error::new(Code::InvalidCursor, why).at("after"));
    }
    let mut listed = listed(actor.program(), &rows, request, last)?;
    listed.has_more |= rows.len() as u64 == most;
    Ok(listed)
}

impl JournalRow {
    /// The position of the row's last item.
    fn last(&self) -> i64 {
        self.position.saturating_add(i64::from(self.count)) - 1
    }

    /// Tells the row from another one at its place.
    fn mark(&self, program: ProgramId) -> u32 {
        let hash = Sha256::new()
            .chain_update(program.uuid().as_bytes())
            .chain_update(self.position.to_be_bytes())
            .chain_update(&self.head)
            .finalize();
        let [first, second, third, fourth, ..]: [u8; 32] = hash.into();
        u32::from_be_bytes([first, second, third, fourth])
    }
}

fn listed(
    program: ProgramId,
    rows: &[JournalRow],
    request: &ChangesRequest,
    last: i64,
) -> Result<Listed> {
    let mut items = Vec::new();
    let mut end = request.after;
    'rows: for row in rows.iter().filter(|row| row.last() > request.after.number) {
        let mark = row.mark(program);
        let Some(packed) = &row.items else {
            end = Position { number: row.last(), mark };
            continue;
        };
        for (number, item) in (row.position..).zip(unpack(packed)?) {
            if number <= end.number {
                continue;
            }
            let position = Position { number, mark };
            if request.kinds.contains(&item.kind()) {
                if items.len() as u64 == request.first {
                    break 'rows;
                }
                items.push((position, item));
            }
            end = position;
        }
    }
    Ok(Listed { items, end, has_more: end.number < last })
}
