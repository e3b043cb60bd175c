//! What plugins have of a member: what they keep, what they did, and what waits for them.

use super::each::each;
use crate::db::{Answers, Look, Question, Writes, row};
use crate::plugins::plugins_with;
use crate::{EventId, MemberId, Result, RunId};

row! {
    struct RunKey {
        plugin_id: String,
        event_id: EventId,
    }
}

row! {
    struct RecordingKey {
        plugin_id: String,
        id: RunId,
    }
}

row! {
    struct StateKey {
        plugin_id: String,
        member_id: MemberId,
        subject: String,
    }
}

row! {
    struct DeliveryKey {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
    }
}

const RUNS: &str = "
    SELECT u.plugin_id, u.event_id
    FROM (SELECT q.plugin_id, gone.id FROM run_plugins AS q CROSS JOIN gone) AS k EACH plugin_runs AS u
    WHERE u.program_id = $1 AND u.plugin_id = k.plugin_id AND u.event_id = k.id";
const RECORDINGS: &str = "
    SELECT run.plugin_id, run.id
    FROM who AS k EACH plugin_recordings AS run
    WHERE run.program_id = $1 AND run.member_id = k.member_id
    LIMIT 1000";
const STATES: &str = "
    SELECT s.plugin_id, s.member_id, s.subject
    FROM (SELECT q.plugin_id, who.member_id FROM state_plugins AS q CROSS JOIN who) AS k EACH plugin_states AS s
    WHERE s.program_id = $1 AND s.plugin_id = k.plugin_id AND s.member_id = k.member_id
    LIMIT 1000";
/// What the members in `who` have in a table that goes by plugin, member and number, and how it is
/// deleted.
macro_rules! by_number {
    ($select:ident, $delete:ident, $table:literal, $plugins:literal) => {
        const $select: &str = concat!(
            "SELECT d.plugin_id, d.member_id, d.member_seq
            FROM (SELECT q.plugin_id, who.member_id FROM ",
            $plugins,
            " AS q CROSS JOIN who) AS k EACH ",
            $table,
            " AS d
            WHERE d.program_id = $1 AND d.plugin_id = k.plugin_id AND d.member_id = k.member_id
            LIMIT 1000"
        );
        const $delete: &str = concat!(
            "DELETE FROM ",
            $table,
            " WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
                AND member_id {in: SELECT r.member_id FROM {rows} AS r}
                AND (plugin_id, member_id, member_seq) IN (
                    SELECT r.plugin_id, r.member_id, r.member_seq FROM {rows} AS r
                )"
        );
    };
}
by_number!(DELIVERIES, DELETE_DELIVERIES, "deliveries", "delivery_plugins");
by_number!(PARKED, DELETE_PARKED, "parked_queues", "parked_plugins");
by_number!(
    PARKED_DELIVERIES,
    DELETE_PARKED_DELIVERIES,
    "parked_deliveries",
    "parked_delivery_plugins"
);
by_number!(DEAD_LETTERS, DELETE_DEAD_LETTERS, "dead_letters", "dead_letter_plugins");

const DELETE_RUNS: &str = "
    DELETE FROM plugin_runs
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND (plugin_id, event_id) IN (SELECT r.plugin_id, r.event_id FROM {rows} AS r)";
const DELETE_RECORDINGS: &str = "
    DELETE FROM plugin_recordings
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND (plugin_id, id) IN (SELECT r.plugin_id, r.id FROM {rows} AS r)";
const DELETE_STATES: &str = "
    DELETE FROM plugin_states
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (plugin_id, member_id, subject) IN (
            SELECT r.plugin_id, r.member_id, r.subject FROM {rows} AS r
        )";
/// Parts of what is left, of the members in `who` and their events in `gone`.
pub(super) struct PluginParts {
    runs: Question<RunKey>,
    recordings: Question<RecordingKey>,
    states: Question<StateKey>,
    deliveries: Question<DeliveryKey>,
    parked: Question<DeliveryKey>,
    parked_deliveries: Question<DeliveryKey>,
    dead_letters: Question<DeliveryKey>,
}

impl PluginParts {
    pub(super) fn ask(look: &mut Look) -> Self {
        look.table("run_plugins", plugins_with!("plugin_runs"));
        look.table("state_plugins", plugins_with!("plugin_states"));
        look.table("delivery_plugins", plugins_with!("deliveries"));
        look.table("parked_plugins", plugins_with!("parked_queues"));
        look.table("parked_delivery_plugins", plugins_with!("parked_deliveries"));
        look.table("dead_letter_plugins", plugins_with!("dead_letters"));
        Self {
            runs: look.ask(RUNS),
            recordings: look.ask(RECORDINGS),
            states: look.ask(STATES),
            deliveries: look.ask(DELIVERIES),
            parked: look.ask(PARKED),
            parked_deliveries: look.ask(PARKED_DELIVERIES),
            dead_letters: look.ask(DEAD_LETTERS),
        }
    }

    pub(super) fn delete(&self, answers: &Answers, writes: &mut Writes) -> Result<()> {
        each(answers, self.runs, DELETE_RUNS, writes)?;
        each(answers, self.recordings, DELETE_RECORDINGS, writes)?;
        each(answers, self.states, DELETE_STATES, writes)?;
        each(answers, self.deliveries, DELETE_DELIVERIES, writes)?;
        each(answers, self.parked, DELETE_PARKED, writes)?;
        each(answers, self.parked_deliveries, DELETE_PARKED_DELIVERIES, writes)?;
        each(answers, self.dead_letters, DELETE_DEAD_LETTERS, writes)
    }
}
