//! The end of an erasure, and going on with what was cut off.

use super::clear;
use crate::context::{Context, Program};
use crate::db::{Writes, id, row};
use crate::due::{DueWork, Part};
use crate::plugins;
use crate::{Error, MemberId, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use std::time::Duration;

/// Goes on with erasures that were cut off.
pub(crate) struct Erasing;

/// How long whoever began one is left alone with it.
const UNDISTURBED: Duration = Duration::from_secs(10);

row! {
    struct Finished {
        member_id: MemberId,
        finished_at: Timestamp,
    }
}

const FINISH: &str = "
    UPDATE erasures
    SET finished_at = COALESCE(erasures.finished_at, r.finished_at)
    FROM {rows} AS r
    WHERE erasures.program_id = $1 AND erasures.member_id {in: SELECT k.member_id FROM {rows} AS k}
        AND erasures.member_id = r.member_id";
const OPEN: &str = "
    SELECT member_id
    FROM erasures
    WHERE program_id = $1 AND finished_at IS NULL AND recorded_at <= $2
    ORDER BY recorded_at
    LIMIT 1";

/// Takes away what plugins' faults say of the member, and notes that nothing is left.
pub(super) async fn finish(
    context: &Context,
    program: ProgramId,
    member_id: MemberId,
) -> Result<()> {
    plugins::forget_faults_of(context, program, member_id).await?;
    let mut writes = Writes::to(program);
    writes.run(FINISH, &Finished { member_id, finished_at: context.now() });
    context.db.commit(writes).await.map_err(Error::from)?;
    context.db.shred().await
}

#[async_trait::async_trait]
impl DueWork for Erasing {
    fn name(&self) -> &'static str {
        "erasures"
    }

    fn next(&self) -> &'static str {
        "SELECT CASE WHEN EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = p.id AND z.finished_at IS NULL
        ) THEN CAST(0 AS BIGINT) END"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        #[derive(FromQueryResult)]
        struct Open {
            member_id: MemberId,
        }
        let begun = context.now().minus(UNDISTURBED);
        let db = &context.db;
        let statement = db.sql(OPEN, [id(program.id), begun.into()]);
        let Some(open) = Open::find_by_statement(statement).one(db.read()).await? else {
            return Ok(Part { done: 0, is_last: true });
        };
        clear(context, program.id, open.member_id).await?;
        tracing::info!(program = %program.id, member = %open.member_id, "an erasure was finished");
        Ok(Part { done: 1, is_last: false })
    }
}
