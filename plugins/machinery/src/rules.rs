//! When something is due and which cycle it belongs to: pure, and without the platform.

use perennial_sdk::{Date, Failure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The plugin's table in the program file; the manifest's schema describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    /// Model to consumable to interval.
    pub(crate) models: BTreeMap<String, BTreeMap<String, Interval>>,
    #[serde(default = "thirty")]
    pub(crate) remind_days_before: i32,
    #[serde(default = "fourteen")]
    pub(crate) follow_up_days_after: i32,
    /// Best first.
    #[serde(default = "roles")]
    pub(crate) roles: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Interval {
    pub(crate) months: i32,
}

/// A machine, as its record describes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Equipment {
    pub(crate) model: String,
    pub(crate) serial: Option<String>,
    pub(crate) installed_on: Option<Date>,
    #[serde(default)]
    pub(crate) serviced_on: BTreeMap<String, Date>,
}

/// What the plugin remembers of a machine: the running cycle of each consumable.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct State {
    cycles: BTreeMap<String, Cycle>,
}

/// From a service, or the installation, to the next service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Cycle {
    since: Date,
    pub(crate) due: Date,
    pub(crate) stage: Stage,
    /// Who got the reminder; none if it was the member itself.
    pub(crate) contact: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    Planned,
    Reminded,
    FollowedUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Step {
    Reminder,
    FollowUp,
}

/// What a timer hands back.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WakeUp {
    pub(crate) step: Step,
    pub(crate) consumable: String,
    pub(crate) due: Date,
}

/// Why it is planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Occasion {
    /// The machine was put.
    Machine,
    /// The plugin was enabled, configured or moved: what the timers were set by may have changed.
    Plugin,
}

/// What a changed machine means for a consumable's timers.
#[derive(Debug, PartialEq)]
pub(crate) enum Change {
    /// A cycle begins, its dates moved before anybody was reminded, or they may have.
    Begin { on: Date, due: Date },
    /// There is nothing left to remind of.
    End,
    /// It is not known when it was installed or serviced, and guessing would remind on the wrong
    /// day.
    Undated,
}

/// The cycles after the machine or the plugin changed, and what changed about them.
pub(crate) fn plan(
    config: &Config,
    equipment: &Equipment,
    before: &State,
    (today, occasion): (Date, Occasion),
) -> Result<(State, Vec<(String, Change)>), Failure> {
    let (mut after, mut changes) = (State::default(), Vec::new());
    for (consumable, interval) in config.models.get(&equipment.model).into_iter().flatten() {
        let since = equipment.serviced_on.get(consumable).copied().or(equipment.installed_on);
        let Some(since) = since else {
            changes.push((consumable.clone(), Change::Undated));
            continue;
        };
        let due = since.plus_months(interval.months)?;
        let planned = Cycle { since, due, stage: Stage::Planned, contact: None };
        let cycle = match before.cycles.get(consumable) {
            Some(running) => running.continued_by(planned),
            None => planned,
        };
        let is_changed = before.cycles.get(consumable) != Some(&cycle);
        if cycle.stage == Stage::Planned && (is_changed || occasion == Occasion::Plugin) {
            let on = due.plus_days(-config.remind_days_before)?.max(today);
            changes.push((consumable.clone(), Change::Begin { on, due }));
        }
        after.cycles.insert(consumable.clone(), cycle);
    }
    let ended = before.cycles.keys().filter(|consumable| !after.cycles.contains_key(*consumable));
    changes.extend(ended.map(|consumable| (consumable.clone(), Change::End)));
    Ok((after, changes))
}

/// The reminder's template, which speaks of parts to engineers and of orders to buyers.
pub(crate) fn template(role: Option<&str>) -> &'static str {
    match role {
        Some("technical-engineer") => "service-due-technical",
        Some("procurement-director") => "service-due-procurement",
        _ => "service-due",
    }
}

pub(crate) fn follow_up_on(config: &Config, reminded_on: Date) -> Result<Date, Failure> {
    reminded_on.plus_days(config.follow_up_days_after)
}

impl State {
    pub(crate) fn cycles(&self) -> impl Iterator<Item = (&String, &Cycle)> {
        self.cycles.iter()
    }

    /// The cycle that a timer is for; none if the timer was overtaken by a service or by its own
    /// twin.
    pub(crate) fn cycle_for(&mut self, wake_up: &WakeUp) -> Option<&mut Cycle> {
        let expected = match wake_up.step {
            Step::Reminder => Stage::Planned,
            Step::FollowUp => Stage::Reminded,
        };
        let cycle = self.cycles.get_mut(&wake_up.consumable)?;
        (cycle.due == wake_up.due && cycle.stage == expected).then_some(cycle)
    }
}

impl Cycle {
    /// A later date is a service and begins the next cycle. Anything else is the same cycle with
    /// corrected dates, and whoever was reminded in it is not reminded again.
    fn continued_by(&self, planned: Self) -> Self {
        if planned.since > self.since || self.stage == Stage::Planned {
            planned
        } else {
            // The due date that the follow-up knows stays.
            Self { since: planned.since, ..self.clone() }
        }
    }

    pub(crate) fn advance(&mut self, step: Step, contact: Option<String>) {
        self.contact = contact;
        self.stage = match step {
            Step::Reminder => Stage::Reminded,
            Step::FollowUp => Stage::FollowedUp,
        };
    }
}

const fn thirty() -> i32 {
    30
}

const fn fourteen() -> i32 {
    14
}

fn roles() -> Vec<String> {
    vec!["technical-engineer".to_owned(), "procurement-director".to_owned()]
}
