//! Setting timers again that fired before their time, by a clock that was wrong.
//!
//! The event of the firing stays as what happened, and names neither plugin nor timer: the plugin is
//! who has the delivery, or who has handled it. A firing that was withdrawn has neither, and is none
//! of ours.

use super::{NewTimer, set};
use crate::db::{Answers, Look, Question, row};
use crate::operation::Operation;
use crate::runtime::{RecordKey, TimerKey, Unique};
use crate::{EventId, MemberId, Result, Timestamp};
use serde_json::Value;
use std::collections::BTreeSet;

row! {
    /// A firing earlier than its timer was due.
    pub(crate) struct EarlyFiring {
        id: EventId,
        pub(crate) member_id: MemberId,
        data: Value,
        occurred_at: Timestamp,
        plugin_id: String,
    }
}

row! {
    struct TimerReturnRow in "timer_returns" {
        event_id: EventId,
        returned_at: Timestamp,
    }
}

const FIRED: &str = "
    SELECT e.id, e.member_id, e.member_seq, e.data, e.occurred_at
    FROM who AS k EACH events AS e
    WHERE e.program_id = $1 AND e.member_id = k.id AND e.name = 'timer-fired'
        AND e.occurred_at > (SELECT now FROM p)
        AND e.recorded_at >= COALESCE((SELECT since_at FROM span), e.recorded_at)
        AND e.recorded_at <= COALESCE((SELECT until_at FROM span), e.recorded_at)
        AND NOT EXISTS (
            SELECT 1
            FROM timer_returns AS g
            WHERE g.program_id = $1 AND g.event_id = e.id
        )";
/// With the plugin, unless the plugin has set that timer since.
const EARLY: &str = "
    SELECT f.id, f.member_id, f.data, f.occurred_at, q.plugin_id
    FROM fired AS f
    CROSS JOIN program_plugins AS q
    WHERE q.program_id = $1
        AND (
            EXISTS (
                SELECT 1
                FROM deliveries AS d
                WHERE d.program_id = $1 AND d.plugin_id = q.plugin_id
                    AND d.member_id = f.member_id AND d.member_seq = f.member_seq
            ) OR EXISTS (
                SELECT 1
                FROM plugin_runs AS u
                WHERE u.program_id = $1 AND u.plugin_id = q.plugin_id AND u.event_id = f.id
            )
        )
        AND NOT EXISTS (
            SELECT 1
            FROM timers AS x
            WHERE x.program_id = $1 AND x.plugin_id = q.plugin_id AND x.member_id = f.member_id
                AND x.name = f.data ->> 'name'
                AND COALESCE(x.record_type, '') = COALESCE(f.data -> 'record' ->> 'type', '')
                AND COALESCE(x.record_external_id, '')
                    = COALESCE(f.data -> 'record' ->> 'externalId', '')
        )";

/// Asks for timers of the members in `who` that fired too early, within `span`, and are not set.
pub(crate) fn ask_early(look: &mut Look) -> Question<EarlyFiring> {
    look.table("fired", FIRED);
    look.ask(EARLY)
}

/// The first firing of each timer, which is the one that it stood for.
pub(crate) fn read_early(
    early: Question<EarlyFiring>,
    answers: &Answers,
) -> Result<(Vec<EarlyFiring>, Vec<EarlyFiring>)> {
    let mut seen = BTreeSet::new();
    let mut firings = answers.rows(early)?;
    firings.sort_by_key(|firing| (firing.occurred_at, firing.id));
    let is_first = |firing: &EarlyFiring| {
        seen.insert((firing.plugin_id.clone(), firing.member_id, firing.key()))
    };
    Ok(firings.into_iter().partition(is_first))
}

/// Sets the timer of a firing as it was. A delivery of it that waits is withdrawn.
pub(crate) fn set_again(operation: &mut Operation<'_>, firing: &EarlyFiring) -> Result<()> {
    mark(operation, firing);
    let data = firing.data.get("data").cloned().unwrap_or_default();
    let timer = NewTimer { due_at: firing.occurred_at, data, chain: None };
    set(operation, &firing.plugin_id, firing.member_id, &firing.key(), &timer)
}

/// Notes that nothing is left to be set again of a firing.
pub(crate) fn mark(operation: &mut Operation<'_>, firing: &EarlyFiring) {
    let returned_at = operation.recorded_at();
    operation.insert(&TimerReturnRow { event_id: firing.id, returned_at });
}

impl EarlyFiring {
    fn key(&self) -> TimerKey {
        let name = self.data.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let about = self.data.get("record").and_then(|record| {
            let part = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
            Some(RecordKey { record_type: part("type")?, external_id: part("externalId")? })
        });
        TimerKey { name, about, unique: Unique::PerRecord }
    }
}
