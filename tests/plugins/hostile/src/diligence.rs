//! The one mode that does nothing wrong: a little of everything that a plugin may do, counted, so that
//! whatever is carried out twice, or not at all, shows.

use super::{Actions, Config, Context, Event, Failure, json};

/// How often a timer wakes the plugin about a member, at most.
const WAKES: u64 = 2;

/// What it keeps of a member.
#[derive(Default, serde::Deserialize, serde::Serialize)]
struct Kept {
    events: u64,
    wakes: u64,
}

/// Each purchase: points, a record of its own, a message, and a timer that is moved. Each timer: more
/// of it, and the next.
pub(crate) fn answer(
    cx: &Context<Config>,
    event: &Event,
    actions: &mut Actions,
) -> Result<(), Failure> {
    let mut kept: Kept = cx.state_or_default()?;
    kept.events += 1;
    actions.award_points(1, "diligence");
    actions.message("greeting");
    let toy = format!("{}-{}", cx.member()?.external_id, kept.events);
    actions.put_record("toy", toy, &json!({ "number": kept.events }));
    if let Event::TimerFired(_) = event {
        kept.wakes += 1;
    }
    if kept.wakes < WAKES {
        actions.timer("wake").on(cx.today.plus_days(30)?);
    }
    actions.set_state(&kept);
    Ok(())
}
