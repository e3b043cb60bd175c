//! What is written of a merge beside the accounts.

use crate::db::row;
use crate::hash::ArgumentsHash;
use crate::{MemberId, Timestamp};

row! {
    pub(super) struct MergeRow in "merges" {
        pub(super) from_id: MemberId,
        pub(super) into_id: MemberId,
        pub(super) reason: String,
        pub(super) merged_at: Timestamp,
        pub(super) idempotency_key: String,
        pub(super) arguments_hash: ArgumentsHash,
    }
}

row! {
    pub(super) struct MovedRow {
        pub(super) from_id: MemberId,
        pub(super) into_id: MemberId,
    }
}

/// Whoever was merged into the one before is the survivor's now.
pub(super) const MERGED: &str = "
    UPDATE members
    SET merged_into = r.into_id
    FROM {rows} AS r
    WHERE members.program_id = $1 AND (members.id = r.from_id OR members.merged_into = r.from_id)";
/// With whose they were, so that they can go back.
pub(super) const MOVE_RECORDS: &str = "
    UPDATE records
    SET member_id = r.into_id, origin_id = COALESCE(records.origin_id, r.from_id)
    FROM {rows} AS r
    WHERE records.program_id = $1 AND records.member_id = r.from_id";
/// What plugins keep of records, and of the member itself where the survivor has nothing.
pub(super) const MOVE_STATES: &str = "
    UPDATE plugin_states
    SET member_id = r.into_id
    FROM {rows} AS r
    WHERE plugin_states.program_id = $1
        AND plugin_states.plugin_id IN (
            SELECT e.plugin_id
            FROM program_plugins AS e
            WHERE e.program_id = $1
        )
        AND plugin_states.member_id = r.from_id AND NOT EXISTS (
            SELECT 1
            FROM plugin_states AS o
            WHERE o.program_id = $1 AND o.plugin_id = plugin_states.plugin_id
                AND o.member_id = r.into_id AND o.subject = plugin_states.subject
        )";
pub(super) const MOVE_TIMERS: &str = "
    UPDATE timers
    SET member_id = r.into_id
    FROM {rows} AS r
    WHERE timers.program_id = $1
        AND timers.plugin_id IN (
            SELECT e.plugin_id
            FROM program_plugins AS e
            WHERE e.program_id = $1
        )
        AND timers.member_id = r.from_id AND NOT EXISTS (
            SELECT 1
            FROM timers AS o
            WHERE o.program_id = $1 AND o.plugin_id = timers.plugin_id
                AND o.member_id = r.into_id AND o.name = timers.name
        )";
/// Those of which the survivor has its own.
pub(super) const REMOVE_TIMERS: &str = "
    DELETE FROM timers
    WHERE program_id = $1
        AND plugin_id IN (
            SELECT e.plugin_id
            FROM program_plugins AS e
            WHERE e.program_id = $1
        )
        AND member_id {in: SELECT r.from_id FROM {rows} AS r}
        AND EXISTS (
            SELECT 1
            FROM {rows} AS r
            CROSS JOIN timers AS o
            WHERE r.from_id = timers.member_id AND o.program_id = $1
                AND o.plugin_id = timers.plugin_id AND o.member_id = r.into_id
                AND o.name = timers.name
        )";
