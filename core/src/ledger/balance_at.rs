//! What a member could spend at an instant that is over: the entries that took effect until then.
//!
//! Entries are dated by when things happened, so what was reported late counts from when it
//! happened. What has expired since the sweep last came by, or is held by a hold whose time is over,
//! or is not pending any more, has no entry yet; the account as it is now is brought to the instant to
//! see it.

use crate::accounts::{Lots, MemberState, PointType, ask_states};
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
const SUM: &str = "SELECT CAST(COALESCE(SUM(points), 0) AS BIGINT) AS points FROM amounts";

pub(super) async fn read(
    context: &Context,
    program: ProgramId,
    member: MemberId,
    point_type: Option<&str>,
    at: Timestamp,
) -> Result<Points> {
    let program = context.program(program).await?;
    let point_type = program.definition.point_type(point_type)?.point_type.clone();
    let asked = AtKey { at, point_type: point_type.clone() };
    let mut look = context.look(program.id);
    look.table_over("asked", "SELECT r.at, r.point_type FROM {rows} AS r", &[asked]);
    let account = AccountKey { id: member.into() };
    look.table_over("who", "SELECT r.id FROM {rows} AS r", &[account]);
    look.table("effective", EFFECTIVE);
    look.table("amounts", AMOUNTS);
    let states = ask_states(&mut look, Lots::IfDue);
    let sum = look.ask::<SumRow>(SUM);
    let answers = context.show(look).await?;
    let now = answers.stamp()?.map_or(program.now, |stamp| stamp.now);
    if at > now {
        let why = format!("{at} is later than the program's now, {now}");
        return Err(Error::new(Code::FutureInstant, why).at("at"));
    }
    let written = answers.rows(sum)?.pop().map_or(Points::ZERO, |row| row.points);
    let state = states.read(&answers)?.remove(&member);
    state.map_or(Ok(written), |state| written.plus(unwritten(state, &point_type, at)?))
}

/// What has happened by itself until an instant and has no entry yet.
fn unwritten(mut state: MemberState, point_type: &PointType, at: Timestamp) -> Result<Points> {
    let written = state.balance(point_type);
    state.bring_to(at)?;
    state.balance(point_type).minus(written)
}
