//! When a plugin fails over so many members that it is better left alone.

use super::falling_back;
use super::quarantine;
use crate::context::{Context, Enabled, FaultReport, Program, Status};
use crate::db::{id, limit};
use crate::{ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use std::time::Duration;

/// How far back faults count.
const WINDOW: Duration = Duration::from_mins(10);
/// Fewer members are their own affair, not the plugin's.
const MEMBERS_MIN: i64 = 5;
/// One in so many of those served, or more, is too many.
const ONE_IN: i64 = 5;
/// More are not counted.
const COUNTED_MAX: u64 = 1000;

/// Members over whom a plugin came to stand still by its own fault, or whose purchases it could not
/// appraise, and what it was asked since the first of these faults.
const RATE: &str = "
    WITH faults AS MATERIALIZED (
        SELECT q.event_id, q.member_id
        FROM parked_queues AS q
        WHERE q.program_id = $1 AND q.plugin_id = $2 AND q.parked_at >= $3 AND q.counts = 1
            AND q.free_at IS NULL
        LIMIT $4
    ),
    missed AS MATERIALIZED (
        SELECT m.purchase_id, m.member_id
        FROM missed_appraisals AS m
        WHERE m.program_id = $1 AND m.plugin_id = $2 AND m.missed_at >= $3
            AND m.because = 'FAILED' AND m.due_at IS NULL AND m.ended_at IS NULL
        LIMIT $4
    )
    SELECT CAST((SELECT COUNT(*) FROM (
            SELECT f.member_id FROM faults AS f UNION SELECT m.member_id FROM missed AS m
        ) AS failed) AS BIGINT) AS members,
        CAST((SELECT COUNT(*) FROM (
            SELECT 1
            FROM plugin_runs AS u
            WHERE u.program_id = $1 AND u.plugin_id = $2
                AND u.event_id >= (SELECT f.event_id FROM faults AS f ORDER BY f.event_id LIMIT 1)
            LIMIT $4
        ) AS served) AS BIGINT) AS handled,
        CAST((SELECT COUNT(*) FROM (
            SELECT 1
            FROM purchases AS b
            WHERE b.program_id = $1 AND b.accrual_of IS NULL
                AND b.id >= (
                    SELECT m.purchase_id FROM missed AS m ORDER BY m.purchase_id LIMIT 1
                )
            LIMIT $4
        ) AS bought) AS BIGINT) AS appraised,
        CAST((SELECT COUNT(*) FROM missed) AS BIGINT) AS missed";

#[derive(Default, FromQueryResult)]
struct Rate {
    members: i64,
    /// Events since the first of those that it failed on.
    handled: i64,
    /// Purchases since the first of those that it failed at, with these.
    appraised: i64,
    missed: i64,
}

/// What becomes of a plugin that has just failed by its own fault. Returns whether it is left alone
/// from here on.
pub(super) async fn judge(
    context: &Context,
    program: &Program,
    plugin: &Enabled,
    report: &FaultReport,
) -> Result<bool> {
    let since = context.now().minus(WINDOW);
    let fails_its_probe = plugin.status == Status::Probing;
    if !fails_its_probe && !rate(context, program.id, &plugin.id, since).await?.is_too_high() {
        return Ok(false);
    }
    if !falling_back::roll_back(context, program, plugin, report).await? {
        quarantine::stop(context, program, plugin, report).await?;
    }
    Ok(true)
}

async fn rate(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    since: Timestamp,
) -> Result<Rate> {
    let db = &context.db;
    let values = [id(program), plugin.into(), since.into(), limit(COUNTED_MAX)];
    let found = Rate::find_by_statement(db.sql(RATE, values)).one(db.read()).await?;
    Ok(found.unwrap_or_default())
}

impl Rate {
    fn is_too_high(&self) -> bool {
        let sound = self.appraised.saturating_sub(self.missed).max(0);
        let served = self.members.saturating_add(self.handled).saturating_add(sound);
        self.members >= MEMBERS_MIN && self.members.saturating_mul(ONE_IN) >= served
    }
}
