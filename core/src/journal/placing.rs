//! Placing: what was committed gets its positions, behind those that are there.
//!
//! Safe on any number of nodes, and wherever one is cut off, for it is one statement, and two that
//! saw the same end of the journal would give the same position, which its key refuses. So nobody
//! ever sees a position before those that lead to it: whoever was to give the next one has seen them
//! committed.
//!
//! Whatever one commit saw of another comes after it. A commit is decided from what was read, so its
//! row gets a later `seq`; and whoever sees the row to place it sees that of the other.

use crate::context::Context;
use crate::db::{TryError, id, limit};
use crate::{ProgramId, Result};
use sea_orm::DbBackend;

/// The most rows that one statement places.
const ROWS_MAX: u64 = 1_000;

/// A select that is zero when something of the program `p.id` has no position yet, else null.
pub(crate) const UNPLACED: &str = "
    SELECT CASE WHEN EXISTS (
        SELECT 1
        FROM journal_unplaced AS u
        WHERE u.program_id = p.id
    ) THEN CAST(0 AS BIGINT) END";

/// One node at a time: `turn` is empty when another has it, which saves the statement from being
/// refused. No order depends on it.
const PLACE_POSTGRES: &str = "
    WITH turn AS MATERIALIZED (
        SELECT id
        FROM programs
        WHERE id = $1
        FOR NO KEY UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM journal_unplaced
        WHERE program_id = $1 AND EXISTS (SELECT 1 FROM turn) AND seq = ANY (ARRAY(
            SELECT seq
            FROM journal_unplaced
            WHERE program_id = $1
            ORDER BY seq
            LIMIT $2
        ))
        RETURNING seq, count, kinds, items
    )
    INSERT INTO journal (program_id, position, count, kinds, items)
    SELECT $1, COALESCE((
            SELECT j.position + j.count
            FROM journal AS j
            WHERE j.program_id = $1 AND j.position > 0
            ORDER BY j.position DESC
            LIMIT 1
        ), 1) + SUM(count) OVER (ORDER BY seq) - count, count, kinds, items
    FROM taken
    RETURNING position";
const PLACE_SQLITE: &str = "
    INSERT INTO journal (program_id, position, count, kinds, items)
    SELECT $1, COALESCE((
            SELECT j.position + j.count
            FROM journal AS j
            WHERE j.program_id = $1 AND j.position > 0
            ORDER BY j.position DESC
            LIMIT 1
        ), 1) + SUM(count) OVER (ORDER BY seq) - count, count, kinds, items
    FROM (
        SELECT seq, count, kinds, items
        FROM journal_unplaced
        WHERE program_id = $1
        ORDER BY seq
        LIMIT $2
    )
    RETURNING position;
    DELETE FROM journal_unplaced
    WHERE program_id = $1 AND seq IN (
        SELECT seq
        FROM journal_unplaced
        WHERE program_id = $1
        ORDER BY seq
        LIMIT $2
    )";

/// Places what a program's commits recorded; returns how many rows, none if another node was first.
pub(crate) async fn place(context: &Context, program: ProgramId) -> Result<usize> {
    let text = match context.db.backend() {
        DbBackend::Postgres => PLACE_POSTGRES,
        _ => PLACE_SQLITE,
    };
    let statement = context.db.sql(text, [id(program), limit(ROWS_MAX)]);
    match context.db.change(statement).await.map_err(TryError::from) {
        Ok(placed) => Ok(placed.len()),
        Err(TryError::Outrun(_)) => Ok(0),
        Err(TryError::Failed(error)) => Err(error),
    }
}
