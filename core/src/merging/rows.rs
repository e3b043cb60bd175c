//! What is written of a merge beside the accounts.

use crate::db::row;
use crate::hash::ArgumentsHash;
use crate::{MemberId, Timestamp};
use serde_json::Value;

row! {
    pub(super) struct MergeRow in "merges" {
        pub(super) from_id: MemberId,
        pub(super) into_id: MemberId,
        pub(super) reason: String,
        /// What the one owed by type, so that it goes back as far as it is still owed.
        pub(super) owed: Value,
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

row! {
    pub(super) struct UnmergeRow in "unmerges" {
        pub(super) member_id: MemberId,
        pub(super) survivor_id: MemberId,
        pub(super) reason: String,
        pub(super) unmerged_at: Timestamp,
        pub(super) idempotency_key: String,
        pub(super) arguments_hash: ArgumentsHash,
    }
}

row! {
    /// What goes back to a member of what was recorded of it, or of one who was merged into it.
    pub(super) struct OriginRow {
        pub(super) from_id: MemberId,
        pub(super) into_id: MemberId,
        pub(super) origin_id: MemberId,
    }
}

/// Whoever was merged into the one before is the survivor's now.
pub(super) const MERGED: &str = "
    UPDATE members
    SET merged_into = r.into_id,
        merged_to = CASE WHEN members.id = r.from_id THEN r.into_id ELSE members.merged_to END
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
                AND COALESCE(o.record_type, '') = COALESCE(timers.record_type, '')
                AND COALESCE(o.record_external_id, '') = COALESCE(timers.record_external_id, '')
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
                AND COALESCE(o.record_type, '') = COALESCE(timers.record_type, '')
                AND COALESCE(o.record_external_id, '') = COALESCE(timers.record_external_id, '')
        )";

pub(super) const RETURN_EMPTY_LOTS: &str = "
    UPDATE lots
    SET account_id = r.into_id
    FROM {rows} AS r
    WHERE lots.program_id = $1 AND lots.account_id = r.from_id AND lots.remaining = 0
        AND EXISTS (
            SELECT 1
            FROM transactions AS t
            LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
            WHERE t.program_id = $1 AND t.id = lots.transaction_id
                AND COALESCE(b.member_id, t.account_id) = r.origin_id
        )";
pub(super) const RETURN_HOLDS: &str = "
    UPDATE holds
    SET account_id = r.into_id
    FROM {rows} AS r
    WHERE holds.program_id = $1 AND holds.account_id = r.from_id AND EXISTS (
            SELECT 1
            FROM transactions AS t
            WHERE t.program_id = $1 AND t.id = holds.transaction_id AND t.account_id = r.origin_id
        )";
pub(super) const RETURN_PENDINGS: &str = "
    UPDATE pendings
    SET account_id = r.into_id
    FROM {rows} AS r
    WHERE pendings.program_id = $1 AND pendings.account_id = r.from_id AND EXISTS (
            SELECT 1
            FROM transactions AS t
            LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
            WHERE t.program_id = $1 AND t.id = pendings.transaction_id
                AND COALESCE(b.member_id, t.account_id) = r.origin_id
        )";
/// What plugins keep of the records that go back.
pub(super) const RETURN_STATES: &str = "
    UPDATE plugin_states
    SET member_id = r.into_id
    FROM {rows} AS r
    WHERE plugin_states.program_id = $1
        AND plugin_states.plugin_id IN (
            SELECT e.plugin_id
            FROM program_plugins AS e
            WHERE e.program_id = $1
        )
        AND plugin_states.member_id = r.from_id AND plugin_states.subject IN (
            SELECT o.record_type || '/' || o.external_id
            FROM records AS o
            WHERE o.program_id = $1 AND o.member_id = r.from_id AND o.origin_id = r.origin_id
        )";
pub(super) const RETURN_TIMERS: &str = "
    UPDATE timers
    SET member_id = r.into_id
    FROM {rows} AS r
    WHERE timers.program_id = $1
        AND timers.plugin_id IN (
            SELECT e.plugin_id
            FROM program_plugins AS e
            WHERE e.program_id = $1
        )
        AND timers.member_id = r.from_id AND EXISTS (
            SELECT 1
            FROM records AS o
            WHERE o.program_id = $1 AND o.member_id = r.from_id AND o.origin_id = r.origin_id
                AND o.record_type = timers.record_type
                AND o.external_id = timers.record_external_id
        )";
pub(super) const RETURN_RECORDS: &str = "
    UPDATE records
    SET member_id = r.into_id
    FROM {rows} AS r
    WHERE records.program_id = $1 AND records.member_id = r.from_id
        AND records.origin_id = r.origin_id";
/// The member itself is nobody's any more; whoever was merged into it is its.
pub(super) const PARTED: &str = "
    UPDATE members
    SET merged_into = CASE WHEN r.from_id = r.into_id THEN NULL ELSE r.into_id END,
        merged_to = CASE WHEN r.from_id = r.into_id THEN NULL ELSE members.merged_to END
    FROM {rows} AS r
    WHERE members.program_id = $1 AND members.id = r.from_id";
