//! What plugins keep for themselves, by member and record.

use crate::context::Program;
use crate::db::{Answers, Look, Question, row};
use crate::runtime::{Hook, RecordKey};
use crate::{MemberId, Result};
use serde_json::Value;
use std::collections::HashMap;

row! {
    /// The key of a state.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub(super) struct StateKey {
        pub(super) plugin_id: String,
        pub(super) member_id: MemberId,
        /// Empty for the member itself, a record's type and external id, or a key of the plugin's own
        /// behind a number sign, with which no type begins.
        pub(super) subject: String,
    }
}

row! {
    /// A state as a look reads it, and as it is written.
    pub(crate) struct StateRow in "plugin_states" {
        pub(super) plugin_id: String,
        pub(super) member_id: MemberId,
        pub(super) subject: String,
        pub(super) data: Value,
    }
}

row! {
    struct PluginKey {
        plugin_id: String,
    }
}

const ALL_OF_MEMBERS: &str = "
    SELECT s.plugin_id, s.member_id, s.subject, s.data
    FROM (SELECT r.plugin_id, who.id FROM {rows} AS r CROSS JOIN who) AS k EACH plugin_states AS s
    WHERE s.program_id = $1 AND s.plugin_id = k.plugin_id AND s.member_id = k.id";
const OF_MEMBERS: &str = "
    SELECT s.plugin_id, s.member_id, s.subject, s.data
    FROM (SELECT r.plugin_id, named.id FROM {rows} AS r CROSS JOIN named) AS k EACH plugin_states AS s
    WHERE s.program_id = $1 AND s.plugin_id = k.plugin_id AND s.member_id = k.id AND s.subject = ''";

/// States by their names.
#[derive(Debug, Default)]
pub(super) struct PluginStates(HashMap<StateKey, Value>);

/// Asks for all that plugins keep of the members in `who` and of their records.
pub(super) fn ask_all_states<'p>(
    look: &mut Look,
    plugins: impl IntoIterator<Item = &'p str>,
) -> Question<StateRow> {
    let key = |plugin: &str| PluginKey { plugin_id: plugin.to_owned() };
    let keys: Vec<_> = plugins.into_iter().map(key).collect();
    look.ask_over(ALL_OF_MEMBERS, &keys)
}

/// Asks for what the plugins that answer `appraise` keep of the members in `named`; nothing when
/// the program has none.
pub(crate) fn ask_states_of_members(
    look: &mut Look,
    program: &Program,
) -> Option<Question<StateRow>> {
    let appraising = program.asked(Hook::Appraise);
    let keys: Vec<_> =
        appraising.map(|plugin| PluginKey { plugin_id: plugin.id.clone() }).collect();
    if keys.is_empty() {
        return None;
    }
    Some(look.ask_over(OF_MEMBERS, &keys))
}

impl PluginStates {
    pub(super) fn of(question: Question<StateRow>, answers: &Answers) -> Result<Self> {
        let name = |row: &StateRow| StateKey {
            plugin_id: row.plugin_id.clone(),
            member_id: row.member_id,
            subject: row.subject.clone(),
        };
        let found = answers.rows(question)?.into_iter().map(|row| (name(&row), row.data));
        Ok(Self(found.collect()))
    }

    pub(super) fn get(&self, name: &StateKey) -> Option<Value> {
        self.0.get(name).cloned()
    }
}

impl StateKey {
    /// Of what a plugin keeps of a record, or of the member itself.
    pub(super) fn of(plugin: &str, member_id: MemberId, record: Option<&RecordKey>) -> Self {
        let subject = |key: &RecordKey| format!("{}/{}", key.record_type, key.external_id);
        let subject = record.map(subject).unwrap_or_default();
        Self { plugin_id: plugin.to_owned(), member_id, subject }
    }

    /// Of what a plugin keeps of a member under a key of its own.
    pub(super) fn of_value(plugin: &str, member_id: MemberId, key: &str) -> Self {
        Self { plugin_id: plugin.to_owned(), member_id, subject: format!("#{key}") }
    }
}
