//! From what a plugin asks for to what will be done: everything is checked against the manifest and the member before any
//! transaction opens. A plugin that asks for something it may not have gets nothing of that answer.

use super::entity::Enabled;
use super::port::{Action, Due, Effect, Fault, FaultKind, Recipient, RecordKey};
use crate::members::{Contact, Member};
use crate::messages::{NewMessage, render};
use crate::programs::Program;
use crate::records::NewRecord;
use crate::timers::NewTimer;
use crate::{ContactId, EventId, Points, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many bytes of state a plugin may keep per subject.
const STATE_BYTES_MAX: usize = 64 * 1024;
/// The least time from the firing of a timer to the next that the plugin sets because of it: an hour.
const TIMER_STEP_MICROSECONDS: i64 = 3_600_000_000;

/// The checked answer of a plugin to one event.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) awards: Vec<PlannedAward>,
    pub(super) messages: Vec<NewMessage>,
    /// By name; none cancels.
    pub(super) timers: BTreeMap<String, Option<NewTimer>>,
    pub(super) records: Vec<NewRecord>,
    pub(super) state: StateChange,
}

/// What becomes of the state of the call's subject.
#[derive(Debug, Default)]
pub(super) enum StateChange {
    #[default]
    Keep,
    Replace(Value),
    Clear,
}

#[derive(Debug)]
pub(super) struct PlannedAward {
    pub(super) key: String,
    pub(super) points: Points,
    pub(super) reason: String,
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
}

impl Asked<'_> {
    pub(super) fn plan(&self, actions: Vec<Action>) -> Result<Plan, Fault> {
        let mut plan = Plan::default();
        for Action { key, effect } in actions {
            self.add(&mut plan, &key, effect).map_err(|why| self.refuse(&key, &why))?;
        }
        let maximum = self.plugin.component.manifest.capabilities.points_per_event_max;
        let total = Points::sum(plan.awards.iter().map(|award| award.points));
        if total.map_or(true, |total| total > Points::new(maximum)) {
            let why = format!("the answer awards more than points-per-event-max, {maximum}");
            return Err(Fault::new(
                FaultKind::NotAllowed,
                format!("plugin `{}`, on-event: {why}", self.plugin.id),
            ));
        }
        Ok(plan)
    }

    fn refuse(&self, key: &str, why: &str) -> Fault {
        Fault::new(
            FaultKind::NotAllowed,
            format!("plugin `{}`, on-event: action `{key}`: {why}", self.plugin.id),
        )
    }

    fn add(&self, plan: &mut Plan, key: &str, effect: Effect) -> Result<(), String> {
        let capabilities = &self.plugin.component.manifest.capabilities;
        match effect {
            Effect::AwardPoints { points, reason } => {
                if !points.is_positive() {
                    return Err(format!("{points} points cannot be awarded"));
                }
                plan.awards.push(PlannedAward { key: key.to_owned(), points, reason });
            }
            Effect::SendMessage { template, to, parameters } => {
                require(capabilities.messages, "messages")?;
                plan.messages.push(self.message(&template, &to, &parameters)?);
            }
            Effect::SetTimer { name, due, data, about } => {
                require(capabilities.timers, "timers")?;
                plan.timers.insert(name, Some(self.timer(&due, data, about)?));
            }
            Effect::CancelTimer { name } => {
                require(capabilities.timers, "timers")?;
                plan.timers.insert(name, None);
            }
            Effect::PutRecord { key, data } => plan.records.push(self.record(key, data)?),
            Effect::SetState(state) => {
                if state.as_ref().is_some_and(|state| state.to_string().len() > STATE_BYTES_MAX) {
                    return Err(format!("the state exceeds {STATE_BYTES_MAX} bytes"));
                }
                plan.state = state.map_or(StateChange::Clear, StateChange::Replace);
            }
            Effect::Extension { name } => {
                return Err(format!("this platform knows no effect `{name}`"));
            }
        }
        Ok(())
    }

    fn message(
        &self,
        template: &str,
        to: &Recipient,
        parameters: &[(String, String)],
    ) -> Result<NewMessage, String> {
        let contact = match to {
            Recipient::Member => None,
            Recipient::Contact(id) => Some(self.contact(id)?),
        };
        let locale = contact.map_or(self.member.locale.as_str(), |contact| &contact.locale);
        let locales = [locale, &self.member.locale, &self.program.definition.locale];
        let manifest = &self.plugin.component.manifest;
        let (locale, text) = manifest
            .message(template, &locales)
            .ok_or_else(|| format!("the manifest has no message template `{template}`"))?;
        Ok(NewMessage {
            member: self.member.id,
            contact: contact.map(|contact| contact.id),
            plugin: self.plugin.id.clone(),
            event: self.event,
            template: template.to_owned(),
            locale: locale.to_owned(),
            subject: render(&text.subject, parameters)?,
            body: render(&text.body, parameters)?,
            parameters: parameters.iter().cloned().collect(),
            occurred_at: self.occurred_at,
        })
    }

    fn contact(&self, id: &str) -> Result<&Contact, String> {
        let wanted = id.parse::<ContactId>().map_err(|error| error.message().to_owned())?;
        let found = self.contacts.iter().find(|contact| contact.id == wanted);
        found.ok_or_else(|| {
            format!("`{id}` is not a contact of this member that the plugin was shown")
        })
    }

    fn timer(&self, due: &Due, data: Value, about: Option<RecordKey>) -> Result<NewTimer, String> {
        let due_at = match due {
            Due::At(instant) => Ok(*instant),
            Due::On(date) => Timestamp::start_of(*date, &self.program.definition.zone),
        };
        if let Some(about) = &about
            && !self.plugin.component.manifest.records.contains_key(&about.record_type)
        {
            return Err(format!("the plugin declares no record type `{}`", about.record_type));
        }
        let due_at = due_at.map_err(|error| error.message().to_owned())?;
        // A timer that sets itself again takes its time, so that no plugin can keep a program from coming to rest.
        let earliest = match self.event_name {
            "timer-fired" => {
                self.occurred_at.microseconds().saturating_add(TIMER_STEP_MICROSECONDS)
            }
            _ => i64::MIN,
        };
        let due_at = match due_at.microseconds() < earliest {
            true => Timestamp::from_microseconds(earliest)
                .map_err(|error| error.message().to_owned())?,
            false => due_at,
        };
        Ok(NewTimer {
            due_at,
            data,
            about: about.map(|about| (about.record_type, about.external_id)),
        })
    }

    fn record(&self, key: RecordKey, data: Value) -> Result<NewRecord, String> {
        let manifest = &self.plugin.component.manifest;
        if !manifest.capabilities.writes_records.contains(&key.record_type) {
            return Err(format!(
                "the manifest does not ask to write records `{}`",
                key.record_type
            ));
        }
        manifest.check_record(&key.record_type, &data).map_err(|error| error.to_string())?;
        Ok(NewRecord {
            member: self.member.id,
            record_type: key.record_type,
            external_id: key.external_id,
            data,
        })
    }
}

fn require(has: bool, capability: &str) -> Result<(), String> {
    if has {
        Ok(())
    } else {
        Err(format!("the manifest does not ask for the capability `{capability}`"))
    }
}
