//! What plugins ask for. An effect is planned – checked against the manifest and the member, before
//! anything is decided about the member – and applied, in an operation. Each kind is a file with
//! both. A plugin that asks for something that it may not have gets nothing of that answer.

mod award;
mod message;
mod record;
mod state;
mod timer;

pub(super) use state::StateChange;

use super::budgets::Given;
use super::states::StateKey;
use crate::context::{Enabled, Program};
use crate::events::Chain;
use crate::members::{Contact, Member};
use crate::messages::{self, NewMessage};
use crate::operation::Operation;
use crate::records::Puts;
use crate::runtime::{Action, Effect, Fault, FaultKind, RecordKey};
use crate::{EventId, MemberId, Points, Result, Timestamp};
use award::Award;
use record::RecordData;
use std::collections::BTreeMap;
use timer::TimerChange;

/// The checked answer of a plugin to one event.
#[derive(Debug, Default)]
pub(super) struct Plan {
    awards: Vec<Award>,
    records: Vec<RecordData>,
    messages: Vec<NewMessage>,
    /// By name.
    timers: BTreeMap<String, TimerChange>,
    state: StateChange,
}

/// What an answer is checked against.
pub(super) struct Asked<'a> {
    pub(super) plugin: &'a Enabled,
    pub(super) program: &'a Program,
    pub(super) member: &'a Member,
    pub(super) contacts: &'a [Contact],
    pub(super) event: EventId,
    pub(super) event_name: &'a str,
    pub(super) occurred_at: Timestamp,
    /// In which what it asks for stands.
    pub(super) chain: Chain,
}

/// Who asked for a plan, because of what.
#[derive(Clone, Debug)]
pub(super) struct AskedBy {
    pub(super) plugin: String,
    pub(super) digest: String,
    pub(super) member: MemberId,
    pub(super) event: EventId,
    pub(super) at: Timestamp,
    /// In which what it asks for stands.
    pub(super) chain: Chain,
}

impl Asked<'_> {
    pub(super) fn plan(&self, actions: Vec<Action>) -> Result<Plan, Fault> {
        let mut plan = Plan::default();
        for Action { key, effect } in actions {
            let refuse = |why: String| self.refuse(&format!("action `{key}`: {why}"));
            self.add(&mut plan, &key, effect).map_err(refuse)?;
        }
        let maximum = self.plugin.component.manifest.capabilities.points_per_event_max;
        let total = Points::sum(plan.awards.iter().map(|award| award.points));
        if total.map_or(true, |total| total > Points::new(maximum)) {
            let why = format!("the answer awards more than points-per-event-max, {maximum}");
            return Err(self.refuse(&why));
        }
        Ok(plan)
    }

    /// That the plugin asked for what it may not have.
    pub(super) fn refuse(&self, why: &str) -> Fault {
        not_allowed(&self.plugin.id, why)
    }

    fn add(&self, plan: &mut Plan, key: &str, effect: Effect) -> Result<(), String> {
        match effect {
            Effect::AwardPoints { points, reason } => {
                plan.awards.push(Award::plan(key, points, reason)?);
            }
            Effect::SendMessage { template, to, parameters } => {
                plan.messages.push(message::plan(self, &template, &to, &parameters)?);
            }
            Effect::SetTimer { name, due, data, about } => {
                plan.timers.insert(name, TimerChange::plan_set(self, &due, data, about)?);
            }
            Effect::CancelTimer { name } => {
                plan.timers.insert(name, TimerChange::plan_cancel(self)?);
            }
            Effect::PutRecord { key, data } => {
                plan.records.push(RecordData::plan(self, key, data)?);
            }
            Effect::SetState(state) => plan.state = StateChange::plan(state)?,
            Effect::Extension { name } => {
                return Err(format!("this platform knows no effect `{name}`"));
            }
        }
        Ok(())
    }
}

impl Plan {
    pub(super) fn awards_points(&self) -> bool {
        !self.awards.is_empty()
    }

    /// What of a budget it takes.
    pub(super) fn given(&self) -> Given {
        let points = Points::sum(self.awards.iter().map(|award| award.points));
        let messages = i64::try_from(self.messages.len()).unwrap_or(i64::MAX);
        Given { points: points.unwrap_or(Points::MAX), messages }
    }

    /// The records that it wants to put.
    pub(super) fn record_keys(&self) -> impl Iterator<Item = &RecordKey> {
        self.records.iter().map(|record| &record.key)
    }

    /// Whether it writes something that hangs on no account by itself.
    pub(super) fn keeps_something(&self) -> bool {
        !self.messages.is_empty() || !matches!(self.state, StateChange::Keep)
    }

    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        puts: &mut Puts,
        asked_by: &AskedBy,
        state: &StateKey,
    ) -> Result<()> {
        for award in &self.awards {
            award.apply(operation, asked_by);
        }
        for record in &self.records {
            record.apply(operation, puts, asked_by)?;
        }
        for message in &self.messages {
            messages::send(operation, message);
        }
        for (name, change) in &self.timers {
            change.apply(operation, asked_by, name)?;
        }
        self.state.apply(operation, state);
        Ok(())
    }
}

pub(super) fn not_allowed(plugin: &str, why: &str) -> Fault {
    Fault::new(FaultKind::NotAllowed, format!("plugin `{plugin}`, on-event: {why}"))
}

fn require(has: bool, capability: &str) -> Result<(), String> {
    if has {
        Ok(())
    } else {
        Err(format!("the manifest does not ask for the capability `{capability}`"))
    }
}
