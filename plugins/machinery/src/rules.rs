//! When something is due and which cycle it belongs to: pure, and without the platform.

use crate::config::{Config, Equipment, INSPECTION, Interval, Reading};
use crate::meter;
use perennial_sdk::{Date, Failure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the plugin remembers of a machine.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct State {
    /// The running cycle of each consumable.
    cycles: BTreeMap<String, Cycle>,
    #[serde(default)]
    readings: Vec<Reading>,
    /// By consumable, the last service that was on time, so that none counts twice.
    #[serde(default)]
    on_time: BTreeMap<String, Date>,
    /// Permanent until the record says otherwise.
    #[serde(default)]
    pub(crate) opted_out: bool,
}

/// From a service, or the installation, to the next service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Cycle {
    since: Date,
    pub(crate) due: Date,
    /// Whether the running hours say so, and not the calendar.
    #[serde(default)]
    pub(crate) by_hours: bool,
    pub(crate) stage: Stage,
    /// Who got the reminder; none if it was the member itself.
    pub(crate) contact: Option<String>,
    #[serde(default)]
    pub(crate) reminded_on: Option<Date>,
    #[serde(default)]
    pub(crate) followed_up_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    Planned,
    Reminded,
    FollowedUp,
    /// The customer said yes, and a service was requested.
    Requested,
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

/// What a changed machine means for a consumable.
#[derive(Debug, PartialEq)]
pub(crate) enum Change {
    /// A cycle begins, its dates moved before anybody was reminded, or they may have.
    Begin { on: Date, due: Date },
    /// There is nothing left to remind of.
    End,
    /// It is not known when it was installed or serviced, and guessing would remind on the wrong
    /// day.
    Undated,
    /// It is due by running hours, and those that it has run since the service are not known.
    Unmetered,
    /// The customer said yes.
    Request { due: Date, confirmed_on: Date },
    /// It was serviced before it was due.
    OnTime { on: Date },
}

/// The cycles after the machine of a member in a tier changed, or the plugin did, and what changed
/// about them.
pub(crate) fn plan(
    config: &Config,
    tier: Option<&String>,
    equipment: &Equipment,
    before: &State,
    (today, occasion): (Date, Occasion),
) -> Result<(State, Vec<(String, Change)>), Failure> {
    let mut after = State {
        cycles: BTreeMap::new(),
        readings: equipment
            .meter
            .map_or_else(|| before.readings.clone(), |new| meter::after(&before.readings, new)),
        on_time: before.on_time.clone(),
        opted_out: equipment.opt_out.unwrap_or(before.opted_out),
    };
    let mut changes = Vec::new();
    for (consumable, interval) in config.plans(&equipment.model, tier) {
        let mut changed = |change| changes.push((consumable.to_owned(), change));
        let running = before.cycles.get(consumable);
        let serviced_on = equipment.serviced_on.get(consumable).copied();
        let Some(since) = serviced_on.or(equipment.installed_on) else {
            changed(Change::Undated);
            continue;
        };
        if let Some(running) = running
            && (running.since < since && since <= running.due)
            && after.on_time.get(consumable).is_none_or(|last| *last < since)
        {
            after.on_time.insert(consumable.to_owned(), since);
            changed(Change::OnTime { on: since });
        }
        let due = due(interval, equipment, consumable, since, &after.readings)?;
        let mut cycle = match (due, running) {
            (Some((due, by_hours)), Some(running)) => {
                running.continued_by(Cycle::planned(since, due, by_hours))
            }
            (Some((due, by_hours)), None) => Cycle::planned(since, due, by_hours),
            (None, Some(running)) if since <= running.since => running.clone(),
            (None, _) => {
                changed(Change::Unmetered);
                continue;
            }
        };
        let confirmed_on = equipment.confirmed_on.get(consumable).copied();
        if let Some(confirmed_on) = confirmed_on.filter(|on| *on >= cycle.since)
            && cycle.stage != Stage::Requested
        {
            cycle.stage = Stage::Requested;
            changed(Change::Request { due: cycle.due, confirmed_on });
        }
        let is_new = before.opted_out || running != Some(&cycle) || occasion == Occasion::Plugin;
        if cycle.stage == Stage::Planned && is_new && !after.opted_out {
            let on = cycle.due.plus_days(-config.remind_days_before)?.max(today);
            changed(Change::Begin { on, due: cycle.due });
        }
        after.cycles.insert(consumable.to_owned(), cycle);
    }
    let is_over = |consumable: &&String| {
        after.opted_out && !before.opted_out || !after.cycles.contains_key(*consumable)
    };
    let ended = before.cycles.keys().filter(is_over);
    changes.extend(ended.map(|consumable| (consumable.clone(), Change::End)));
    Ok((after, changes))
}

/// What comes first, the calendar or the hours, and whether it is the hours; none if neither is known.
fn due(
    interval: &Interval,
    equipment: &Equipment,
    consumable: &str,
    since: Date,
    readings: &[Reading],
) -> Result<Option<(Date, bool)>, Failure> {
    let by_calendar = interval.months.map(|months| since.plus_months(months)).transpose()?;
    // A machine that was never serviced has run since its installation.
    let was_serviced = equipment.serviced_on.contains_key(consumable);
    let serviced_at = equipment.serviced_at_hours.get(consumable).copied();
    let from = serviced_at.or_else(|| (!was_serviced).then_some(0));
    let by_hours = match (interval.hours, from) {
        (Some(hours), Some(from)) => meter::day_of(readings, from.saturating_add(hours))?,
        _ => None,
    };
    let is_first = |hours: &Date| by_calendar.is_none_or(|calendar| *hours < calendar);
    let by_hours = by_hours.filter(is_first).map(|due| (due, true));
    Ok(by_hours.or_else(|| by_calendar.map(|due| (due, false))))
}

/// The reminder's template, which speaks of parts to engineers and of orders to buyers.
pub(crate) fn template(role: Option<&str>, consumable: &str, has_parts: bool) -> &'static str {
    match role {
        _ if consumable == INSPECTION => "inspection-due",
        Some("technical-engineer") => "service-due-technical",
        Some("procurement-director") if has_parts => "service-due-order",
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
    /// twin, or nobody wants to be reminded.
    pub(crate) fn cycle_for(&mut self, wake_up: &WakeUp) -> Option<&mut Cycle> {
        let expected = match wake_up.step {
            Step::Reminder => Stage::Planned,
            Step::FollowUp => Stage::Reminded,
        };
        let cycle = self.cycles.get_mut(&wake_up.consumable).filter(|_| !self.opted_out)?;
        (cycle.due == wake_up.due && cycle.stage == expected).then_some(cycle)
    }
}

impl Cycle {
    const fn planned(since: Date, due: Date, by_hours: bool) -> Self {
        let stage = Stage::Planned;
        Self { since, due, by_hours, stage, contact: None, reminded_on: None, followed_up_on: None }
    }

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

    pub(crate) fn advance(&mut self, step: Step, contact: Option<String>, today: Date) {
        self.contact = contact;
        match step {
            Step::Reminder => (self.stage, self.reminded_on) = (Stage::Reminded, Some(today)),
            Step::FollowUp => (self.stage, self.followed_up_on) = (Stage::FollowedUp, Some(today)),
        }
    }
}
