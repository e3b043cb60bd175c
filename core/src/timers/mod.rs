//! Timers: durable wake-ups of plugins. Firing one removes it and records the event `timer-fired`,
//! so time uses the same road as everything else. The event happens at the instant that the timer
//! was due, whenever the firing ran.
//!
//! A member's timers are tied to the version of the member's account: whoever sets, cancels or
//! fires one moves it on, so that a timer fires once, and not after it was cancelled.

mod fire;
mod hold;
mod restore;

pub(crate) use fire::Firing;
pub(crate) use hold::end_late;
pub use hold::{Hold, Timers};
pub(crate) use restore::{ask_early, mark, read_early, set_again};

use crate::db::row;
use crate::events::Chain;
use crate::operation::Operation;
use crate::runtime::{TimerKey, Unique};
use crate::{EventId, MemberId, Result, TimerId, Timestamp};
use serde_json::Value;

/// A timer about to be set.
#[derive(Clone, Debug)]
pub(crate) struct NewTimer {
    pub(crate) due_at: Timestamp,
    pub(crate) data: Value,
    /// In which the wake-up stands, if it comes at once.
    pub(crate) chain: Option<Chain>,
}

row! {
    struct TimerRow {
        id: TimerId,
        plugin_id: String,
        member_id: MemberId,
        name: String,
        due_at: Timestamp,
        data: Value,
        record_type: Option<String>,
        record_external_id: Option<String>,
        root_id: Option<EventId>,
        depth: i32,
    }
}

row! {
    /// A timer by its name and the record that it is about, if `is_one_of_many`; else all of that name.
    struct TimerName {
        plugin_id: String,
        member_id: MemberId,
        name: String,
        record_type: Option<String>,
        record_external_id: Option<String>,
        is_one_of_many: bool,
    }
}

const SET: &str = "
    INSERT INTO timers (program_id, id, plugin_id, member_id, name, due_at, data, record_type,
        record_external_id, root_id, depth)
    SELECT $1, id, plugin_id, member_id, name, due_at, data, record_type, record_external_id, root_id,
        depth
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, plugin_id, member_id, name, COALESCE(record_type, ''),
        COALESCE(record_external_id, '')) DO UPDATE
    SET due_at = excluded.due_at, data = excluded.data, root_id = excluded.root_id,
        depth = excluded.depth";
const CANCEL: &str = "
    DELETE FROM timers
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND EXISTS (
            SELECT 1
            FROM {rows} AS r
            WHERE r.plugin_id = timers.plugin_id AND r.member_id = timers.member_id
                AND r.name = timers.name AND (
                    r.is_one_of_many = 0
                    OR COALESCE(r.record_type, '') = COALESCE(timers.record_type, '')
                    AND COALESCE(r.record_external_id, '')
                        = COALESCE(timers.record_external_id, '')
                )
        )";
/// The timers of that name that are about something else.
const CANCEL_OTHERS: &str = "
    DELETE FROM timers
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND EXISTS (
            SELECT 1
            FROM {rows} AS r
            WHERE r.plugin_id = timers.plugin_id AND r.member_id = timers.member_id
                AND r.name = timers.name AND (
                    COALESCE(r.record_type, '') <> COALESCE(timers.record_type, '')
                    OR COALESCE(r.record_external_id, '')
                        <> COALESCE(timers.record_external_id, '')
                )
        )";

/// A firing that the plugin has not received yet is one of a timer that was not moved in time.
const WITHDRAW: &str = "
    DELETE FROM deliveries
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND EXISTS (
            SELECT 1
            FROM {rows} AS r
            CROSS JOIN events AS e
            WHERE r.plugin_id = deliveries.plugin_id AND r.member_id = deliveries.member_id
                AND e.program_id = $1 AND e.member_id = deliveries.member_id
                AND e.member_seq = deliveries.member_seq AND e.name = 'timer-fired'
                AND e.data ->> 'name' = r.name AND (
                    r.is_one_of_many = 0
                    OR COALESCE(r.record_type, '') = COALESCE(e.data -> 'record' ->> 'type', '')
                    AND COALESCE(r.record_external_id, '')
                        = COALESCE(e.data -> 'record' ->> 'externalId', '')
                )
        )";

/// Sets a plugin's timer for a member, or moves the one that has the key.
pub(crate) fn set(
    operation: &mut Operation<'_>,
    plugin: &str,
    member_id: MemberId,
    key: &TimerKey,
    timer: &NewTimer,
) -> Result<()> {
    operation.change(member_id)?.touch();
    let name = TimerName::of(plugin, member_id, key);
    operation.run(WITHDRAW, &name);
    if key.unique == Unique::PerMember {
        operation.run(CANCEL_OTHERS, &name);
    }
    operation.run(
        SET,
        &TimerRow {
            id: TimerId::new(),
            plugin_id: name.plugin_id,
            member_id,
            name: name.name,
            due_at: timer.due_at,
            data: timer.data.clone(),
            record_type: name.record_type,
            record_external_id: name.record_external_id,
            root_id: timer.chain.map(|chain| chain.root),
            depth: timer.chain.map_or(0, |chain| chain.depth),
        },
    );
    Ok(())
}

/// Cancels a plugin's timer for a member, if there is one of that key.
///
/// A firing that waits behind what the plugin receives now is taken back, here and where a timer is set:
/// the timer was about what was known before. So a member's facts and timers are one line of time,
/// however late the facts come.
pub(crate) fn cancel(
    operation: &mut Operation<'_>,
    plugin: &str,
    member_id: MemberId,
    key: &TimerKey,
) -> Result<()> {
    operation.change(member_id)?.touch();
    let name = TimerName::of(plugin, member_id, key);
    operation.run(WITHDRAW, &name);
    operation.run(CANCEL, &name);
    Ok(())
}

impl TimerName {
    fn of(plugin: &str, member_id: MemberId, key: &TimerKey) -> Self {
        let about = key.about.as_ref();
        Self {
            plugin_id: plugin.to_owned(),
            member_id,
            name: key.name.clone(),
            record_type: about.map(|key| key.record_type.clone()),
            record_external_id: about.map(|key| key.external_id.clone()),
            is_one_of_many: key.unique == Unique::PerRecord,
        }
    }
}
