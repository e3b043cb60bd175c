//! Firing what is due.

use super::TimerRow;
use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::due::{DueWork, Part};
use crate::events::{Chain, Reach};
use crate::facts::{RecordFact, TimerFired};
use crate::operation::{Operation, decide};
use crate::records::{Record, RecordRow};
use crate::runtime::RecordKey;
use crate::{Result, TimerId};
use std::collections::HashMap;

/// Fires timers, in the order of their instants.
pub(crate) struct Firing;

row! {
    struct Fired {
        id: TimerId,
    }
}

/// As many as one commit fires at most of a plugin; it is the limit of `DUE`.
const TIMERS_MAX: usize = 256;
/// Those of a plugin that changed wait until it has been written for everybody, so that one that the
/// plugin moves then does not fire before.
const ENABLED: &str = "
    SELECT e.plugin_id
    FROM program_plugins AS e
    WHERE e.program_id = $1 AND e.status <> 'DISABLED' AND NOT EXISTS (
        SELECT 1
        FROM plugin_changes AS c
        WHERE c.program_id = $1 AND c.plugin_id = e.plugin_id
    )";
const DUE: &str = "
    SELECT x.id, x.plugin_id, x.member_id, x.name, x.due_at, x.data, x.record_type,
        x.record_external_id, x.root_id, x.depth
    FROM enabled AS k EACH timers AS x
    WHERE x.program_id = $1 AND x.plugin_id = k.plugin_id AND x.due_at <= (SELECT now FROM p)
        AND NOT EXISTS (
            SELECT 1
            FROM timer_holds AS h
            WHERE h.program_id = $1 AND h.until_at > (SELECT now FROM p)
        )
    ORDER BY x.due_at, x.id
    LIMIT 256";
const WHO: &str = "SELECT DISTINCT member_id AS id FROM due";
const ABOUT: &str = "
    SELECT o.id, o.record_type, o.external_id, o.member_id, o.data, o.created_at, o.updated_at
    FROM due AS k EACH records AS o
    WHERE o.program_id = $1 AND o.record_type = k.record_type
        AND o.external_id = k.record_external_id";
const REMOVE: &str = "
    DELETE FROM timers
    WHERE program_id = $1 AND id {in: SELECT r.id FROM {rows} AS r}";

#[async_trait::async_trait]
impl DueWork for Firing {
    fn name(&self) -> &'static str {
        "timers"
    }

    fn next(&self) -> &'static str {
        "SELECT CASE WHEN h.until_at > d.due_at THEN h.until_at ELSE d.due_at END
        FROM (
            SELECT MIN(f.due_at) AS due_at
            FROM (
                SELECT (
                    SELECT MIN(x.due_at)
                    FROM timers AS x
                    WHERE x.program_id = p.id AND x.plugin_id = e.plugin_id
                ) AS due_at
                FROM program_plugins AS e
                WHERE e.program_id = p.id AND e.status <> 'DISABLED' AND NOT EXISTS (
                    SELECT 1
                    FROM plugin_changes AS c
                    WHERE c.program_id = p.id AND c.plugin_id = e.plugin_id
                )
            ) AS f
        ) AS d
        CROSS JOIN (
            SELECT MAX(until_at) AS until_at FROM timer_holds WHERE program_id = p.id
        ) AS h"
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let fire = |program| fire(context, program);
        let fired = decide(context, program.id, "firing timers", fire).await?;
        Ok(Part::of(fired, TIMERS_MAX))
    }
}

async fn fire(context: &Context, program: Program) -> Result<usize, TryError> {
    let mut look = context.look(program.id);
    look.table("enabled", ENABLED);
    look.table("due", DUE);
    look.table("who", WHO);
    let due = look.ask::<TimerRow>("SELECT * FROM due");
    let states = ask_states(&mut look, Lots::IfDue);
    let about = look.ask::<RecordRow>(ABOUT);
    let (answers, program) = context.ask(&program, look).await?;

    let mut due = answers.rows(due)?;
    due.sort_by_key(|timer| (timer.due_at, timer.id));
    let about = answers.rows(about)?.into_iter().map(Record::from);
    let about: HashMap<RecordKey, Record> = about.map(|record| (record.key(), record)).collect();
    let mut operation = Operation::begin(context, program, states.read(&answers)?)?;
    for timer in &due {
        operation.run(REMOVE, &Fired { id: timer.id });
        if operation.is_erased(timer.member_id) {
            continue;
        }
        let fact = TimerFired {
            name: timer.name.clone(),
            data: timer.data.clone(),
            record: timer.record(&about).map(RecordFact::from),
        };
        let reach = Reach::Only(timer.plugin_id.clone());
        operation.follow(timer.chain());
        operation.record_for(reach, timer.member_id, timer.due_at, fact)?;
    }
    operation.commit().await?;
    Ok(due.len())
}

impl TimerRow {
    /// In which its firing stands, if it was due at once.
    fn chain(&self) -> Option<Chain> {
        self.root_id.map(|root| Chain { root, depth: self.depth })
    }

    /// The record that the timer is about, as long as it is the member's.
    fn record<'r>(&self, found: &'r HashMap<RecordKey, Record>) -> Option<&'r Record> {
        found.get(&self.about()?).filter(|record| record.member_id == self.member_id)
    }

    fn about(&self) -> Option<RecordKey> {
        let (record_type, external_id) =
            (self.record_type.clone()?, self.record_external_id.clone()?);
        Some(RecordKey { record_type, external_id })
    }
}

impl From<&Record> for RecordFact {
    fn from(record: &Record) -> Self {
        Self {
            record_type: record.record_type.clone(),
            external_id: record.external_id.clone(),
            data: record.data.clone(),
        }
    }
}
