//! What a plugin keeps for itself of a member or a record: its state of either, and values under keys of
//! its own.

use super::StateKey;
use crate::operation::Operation;
use crate::plugins::states::StateRow;
use serde_json::Value;

/// What becomes of a state.
#[derive(Debug, Default)]
pub(in crate::plugins) enum StateChange {
    #[default]
    Keep,
    Replace(Value),
    Clear,
}

const REPLACE: &str = "
    INSERT INTO plugin_states (program_id, plugin_id, member_id, subject, data)
    SELECT $1, plugin_id, member_id, subject, data
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, plugin_id, member_id, subject) DO UPDATE
    SET data = excluded.data";
const CLEAR: &str = "
    DELETE FROM plugin_states
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (plugin_id, member_id, subject) IN (
            SELECT r.plugin_id, r.member_id, r.subject FROM {rows} AS r
        )";

impl StateChange {
    pub(super) fn apply(&self, operation: &mut Operation<'_>, name: &StateKey) {
        match self {
            Self::Keep => {}
            Self::Clear => operation.run(CLEAR, name),
            Self::Replace(data) => operation.run(
                REPLACE,
                &StateRow {
                    plugin_id: name.plugin_id.clone(),
                    member_id: name.member_id,
                    subject: name.subject.clone(),
                    data: data.clone(),
                },
            ),
        }
    }
}

impl From<Option<Value>> for StateChange {
    fn from(data: Option<Value>) -> Self {
        data.map_or(Self::Clear, Self::Replace)
    }
}
