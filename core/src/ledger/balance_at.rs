//! What a member could spend at an instant that is over: the entries that took effect until then.
//!
//! Entries are dated by when things happened, so what was reported late counts from when it
//! happened. What has expired since the sweep last came by, or is held by a hold whose time is over,
//! or is not pending any more, has no entry yet; it is read from the lots and holds.

use crate::accounts::PointType;
use crate::context::Context;
use crate::db::row;
use crate::operation::AccountKey;
use crate::{Code, Error, MemberId, Points, ProgramId, Result, Timestamp};

row! {
    struct AtKey {
        at: Timestamp,
        point_type: PointType,
    }
}

row! {
    struct SumRow {
        points: Points,
    }
}

const EFFECTIVE: &str = "
    SELECT k.id, t.id AS transaction_id
    FROM who AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.id AND t.effective_at <= (SELECT at FROM asked)";
const AMOUNTS: &str = "
    SELECT e.amount AS points
    FROM effective AS k EACH entries AS e
    WHERE e.program_id = $1 AND e.transaction_id = k.transaction_id AND e.account_id = k.id
        AND e.point_type = (SELECT point_type FROM asked)";
const EXPIRED: &str = "
    SELECT -l.remaining AS points
    FROM who AS k EACH lots AS l
    WHERE l.program_id = $1 AND l.account_id = k.id AND l.remaining > 0
        AND l.point_type = (SELECT point_type FROM asked)
        AND l.expires_at <= (SELECT at FROM asked)
        AND COALESCE(l.pending_until, 0) <= (SELECT at FROM asked)";
const ACTIVE: &str = "
    SELECT l.remaining AS points
    FROM who AS k EACH lots AS l
    WHERE l.program_id = $1 AND l.account_id = k.id AND l.remaining > 0
        AND l.point_type = (SELECT point_type FROM asked)
        AND l.pending_until <= (SELECT at FROM asked)";
const FREE: &str = "
    SELECT h.points
    FROM who AS k EACH holds AS h
    WHERE h.program_id = $1 AND h.account_id = k.id AND h.ended_at IS NULL
        AND h.point_type = (SELECT point_type FROM asked)
        AND h.expires_at <= (SELECT at FROM asked)";
const SUM: &str = "
    SELECT CAST(COALESCE(SUM(points), 0) AS BIGINT) AS points
    FROM (
        SELECT points FROM amounts
        UNION ALL
        SELECT points FROM lots_over
        UNION ALL
        SELECT points FROM lots_active
        UNION ALL
        SELECT points FROM holds_over
    ) AS all_of_it";

pub(super) async fn read(
    context: &Context,
    program: ProgramId,
    member: MemberId,
    point_type: Option<&str>,
    at: Timestamp,
) -> Result<Points> {
    let program = context.program(program).await?;
    let point_type = program.definition.point_type(point_type)?.point_type.clone();
    let asked = AtKey { at, point_type };
    let mut look = context.look(program.id);
    look.table_over("asked", "SELECT r.at, r.point_type FROM {rows} AS r", &[asked]);
    let account = AccountKey { id: member.into() };
    look.table_over("who", "SELECT r.id FROM {rows} AS r", &[account]);
    look.table("effective", EFFECTIVE);
    look.table("amounts", AMOUNTS);
    look.table("lots_over", EXPIRED);
    look.table("lots_active", ACTIVE);
    look.table("holds_over", FREE);
    let sum = look.ask::<SumRow>(SUM);
    let answers = context.show(look).await?;
    let now = answers.stamp()?.map_or(program.now, |stamp| stamp.now);
    if at > now {
        let why = format!("{at} is later than the program's now, {now}");
        return Err(Error::new(Code::FutureInstant, why).at("at"));
    }
    Ok(answers.rows(sum)?.pop().map_or(Points::ZERO, |row| row.points))
}
