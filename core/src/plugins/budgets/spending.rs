//! What plugins with a budget have given, by period: read with what is carried out, and written with it
//! as it was read, or not at all.

use super::{Given, Period, over};
use crate::context::Program;
use crate::db::{Answers, Look, Question, row};
use crate::operation::Operation;
use crate::{Points, Result};
use std::collections::{BTreeMap, BTreeSet};

row! {
    struct PeriodKey {
        plugin_id: String,
        period: String,
    }
}

row! {
    pub(in crate::plugins) struct SpentRow in "plugin_spending" {
        plugin_id: String,
        period: String,
        points: Points,
        messages: i64,
    }
}

row! {
    struct SpendRow {
        plugin_id: String,
        period: String,
        points_before: Points,
        messages_before: i64,
        points: Points,
        messages: i64,
    }
}

const SPENT: &str = "
    SELECT s.plugin_id, s.period, s.points, s.messages
    FROM {rows} AS k EACH plugin_spending AS s
    WHERE s.program_id = $1 AND s.plugin_id = k.plugin_id AND s.period = k.period";
/// Refused, by a null where none may be, if somebody else has spent meanwhile.
const SPEND: &str = "
    UPDATE plugin_spending
    SET points = CASE
            WHEN plugin_spending.points = r.points_before
                AND plugin_spending.messages = r.messages_before THEN r.points
        END,
        messages = r.messages
    FROM {rows} AS r
    WHERE plugin_spending.program_id = $1 AND plugin_spending.plugin_id = r.plugin_id
        AND plugin_spending.period = r.period";

/// What plugins with a budget have given in the periods of now.
#[derive(Debug, Default)]
pub(in crate::plugins) struct Spending(BTreeMap<(String, String), Spent>);

#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    /// None if nobody has given anything yet.
    before: Option<Given>,
    now: Given,
}

/// Asks what these plugins have given, of those that have a budget.
pub(in crate::plugins) fn ask_spending<'p>(
    look: &mut Look,
    program: &Program,
    plugins: impl IntoIterator<Item = &'p str>,
) -> Option<Question<SpentRow>> {
    let plugins: BTreeSet<_> = plugins.into_iter().collect();
    let limited = plugins.into_iter().filter(|id| program.definition.budget(id).is_some());
    let keys = limited.flat_map(|id| keys(program, id));
    let keys: Vec<_> = keys.map(|(plugin_id, period)| PeriodKey { plugin_id, period }).collect();
    (!keys.is_empty()).then(|| look.ask_over(SPENT, &keys))
}

impl Spending {
    pub(in crate::plugins) fn of(
        question: Option<Question<SpentRow>>,
        answers: &Answers,
    ) -> Result<Self> {
        let rows = question.map_or(Ok(Vec::new()), |question| answers.rows(question))?;
        let spent = rows.into_iter().map(|row| {
            let given = Given { points: row.points, messages: row.messages };
            ((row.plugin_id, row.period), Spent { before: Some(given), now: given })
        });
        Ok(Self(spent.collect()))
    }

    /// Takes what a plugin gives out of its budget. What it exceeds, if it does; then nothing is taken.
    pub(in crate::plugins) fn take(
        &mut self,
        program: &Program,
        plugin: &str,
        given: Given,
    ) -> Result<Option<String>> {
        let Some(budget) = program.definition.budget(plugin) else { return Ok(None) };
        if given.is_nothing() {
            return Ok(None);
        }
        let mut taken = Vec::new();
        for (period, key) in Period::ALL.into_iter().zip(keys(program, plugin)) {
            let spent = self.0.get(&key).copied().unwrap_or_default();
            let now = spent.now.and(given)?;
            if let Some(why) = over(period, period.of(budget), now) {
                return Ok(Some(why));
            }
            taken.push((key, Spent { now, ..spent }));
        }
        self.0.extend(taken);
        Ok(None)
    }

    /// Writes what was taken.
    pub(in crate::plugins) fn write(self, operation: &mut Operation<'_>) {
        for ((plugin_id, period), Spent { before, now }) in self.0 {
            let Given { points, messages } = now;
            match before {
                None => operation.insert(&SpentRow { plugin_id, period, points, messages }),
                Some(before) if before == now => {}
                Some(before) => operation.run(
                    SPEND,
                    &SpendRow {
                        plugin_id,
                        period,
                        points_before: before.points,
                        messages_before: before.messages,
                        points,
                        messages,
                    },
                ),
            }
        }
    }
}

/// The plugin with each of its periods of now, in their order.
fn keys(program: &Program, plugin: &str) -> [(String, String); 2] {
    let today = program.now.date_in(&program.definition.zone);
    Period::ALL.map(|period| (plugin.to_owned(), period.key(today)))
}
