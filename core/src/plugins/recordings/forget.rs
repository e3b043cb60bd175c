//! Forgetting recordings whose time is over. That is the server's: a test clock that is moved by a year
//! does not take away what happened a minute ago.

use crate::context::Context;
use crate::db::{id, limit};
use crate::plugins::plugins_with;
use crate::{ProgramId, Result, RunId};
use sea_orm::FromQueryResult;

/// How many of a plugin at a time.
const PART: usize = 1000;
const PROGRAMS: &str = "SELECT id FROM programs ORDER BY id";
const FORGET: &str = concat!(
    "DELETE FROM plugin_recordings
    WHERE program_id = $1 AND (plugin_id, id) IN (
        SELECT run.plugin_id, run.id
        FROM (",
    plugins_with!("plugin_recordings"),
    ") AS q
        JOIN plugin_recordings AS run ON run.program_id = $1 AND run.plugin_id = q.plugin_id
        WHERE run.id < $2
        LIMIT $3
    )
    RETURNING id"
);

#[derive(FromQueryResult)]
struct ProgramRow {
    id: ProgramId,
}

/// In all programs. One that cannot be used keeps what it has until it can.
pub(in crate::plugins) async fn forget(context: &Context) -> Result<()> {
    let db = &context.db;
    let programs = ProgramRow::find_by_statement(db.sql(PROGRAMS, [])).all(db.read()).await?;
    for ProgramRow { id: program } in programs {
        let Ok(current) = context.current(program).await else { continue };
        let kept_for = current.definition.keeps_recordings_for();
        let first_kept = RunId::first_at(context.now().minus(kept_for));
        while forget_part(context, program, first_kept).await? == PART {}
    }
    Ok(())
}

async fn forget_part(context: &Context, program: ProgramId, first_kept: RunId) -> Result<usize> {
    let values = [id(program), id(first_kept), limit(PART as u64)];
    Ok(context.db.change(context.db.sql(FORGET, values)).await?.len())
}
