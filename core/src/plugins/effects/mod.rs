//! What plugins ask for. An answer is judged against the manifest and the member by the contract,
//! before anything is decided about the member, and applied in an operation. A plugin that asks for
//! something that it may not have gets nothing of that answer.

mod award;
mod deduct;
mod event;
mod record;
mod state;
mod tag;
mod timer;

pub(super) use state::StateChange;

use super::budgets::Given;
use super::states::StateKey;
use crate::context::{Enabled, Program};
use crate::events::Chain;
use crate::members::{Contact, Member, Tags};
use crate::messages::{self, NewMessage};
use crate::operation::Operation;
use crate::records::Puts;
use crate::runtime::{
    Action, Fault, Granted, Manifest, Occasion, Readers, RecordKey, Shown, TimerKey, grant,
};
use crate::timers::NewTimer;
use crate::{EventId, MemberId, Points, Result, Timestamp};
use award::Award;
use deduct::Deduct;
use event::Raise;
use record::RecordData;
use std::collections::BTreeMap;
use std::time::Duration;
use tag::TagChanges;
use timer::TimerChange;

/// A timer that is due sooner stands in the chain of the event at which it was set.
const AT_ONCE: Duration = Duration::from_hours(1);

/// The checked answer of a plugin to one event.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// In the order of the answer, for what is given can be taken.
    points: Vec<PointsChange>,
    records: Vec<RecordData>,
    messages: Vec<NewMessage>,
    /// Of those that stand for the same the last.
    timers: BTreeMap<(String, Option<RecordKey>), TimerChange>,
    state: StateChange,
    /// By key.
    values: BTreeMap<String, StateChange>,
    tags: TagChanges,
    events: Vec<Raise>,
}

#[derive(Debug)]
enum PointsChange {
    Award(Award),
    Deduct(Deduct),
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

/// What has to be known of members besides their states: the records that are put, and their tags.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) puts: Puts,
    pub(super) tags: Tags,
}

impl Asked<'_> {
    pub(super) fn plan(&self, actions: Vec<Action>) -> Result<Plan, Fault> {
        let shown = |contact: &Contact| Shown {
            id: contact.id.to_string(),
            locale: contact.locale.clone(),
        };
        let contacts: Vec<_> = self.contacts.iter().map(shown).collect();
        let definition = &self.program.definition;
        let others: Vec<_> = self.others().collect();
        let occasion = Occasion {
            manifest: &self.plugin.component.manifest,
            others: &others,
            readers: Readers { member: &self.member.locale, program: &definition.locale },
            contacts: &contacts,
            zone: &definition.zone,
            event: self.event_name,
            occurred_at: self.occurred_at.instant(),
        };
        let granted =
            grant(&occasion, actions).map_err(|why| Fault::not_allowed(&self.plugin.id, &why))?;
        let mut plan = Plan::default();
        for one in granted {
            self.add(&mut plan, one);
        }
        Ok(plan)
    }

    /// What stands beside the plugin says what its records are.
    fn others(&self) -> impl Iterator<Item = &Manifest> {
        let all = self.program.enabled().filter(|other| other.id != self.plugin.id);
        all.map(|other| &*other.component.manifest)
    }

    fn add(&self, plan: &mut Plan, granted: Granted) {
        match granted {
            Granted::Award { key, points, reason } => {
                let award = Award { key, points: Points::new(points), reason };
                plan.points.push(PointsChange::Award(award));
            }
            Granted::Deduct { key, points, reason } => {
                let deduction = Deduct { key, points: Points::new(points), reason };
                plan.points.push(PointsChange::Deduct(deduction));
            }
            Granted::Message { template, contact, locale, subject, body, parameters } => {
                plan.messages.push(NewMessage {
                    member: self.member.id,
                    contact: contact.map(|index| self.contacts[index].id),
                    plugin: self.plugin.id.clone(),
                    event: self.event,
                    template,
                    locale,
                    subject,
                    body,
                    parameters: parameters.into_iter().collect(),
                    occurred_at: self.occurred_at,
                });
            }
            Granted::SetTimer { key, due, data } => {
                let due_at = Timestamp::from(due);
                // What comes at once goes on with the chain; what takes its time begins anew.
                let is_at_once = due_at < self.occurred_at.plus(AT_ONCE);
                let chain = is_at_once.then_some(self.chain);
                plan.change(key, Some(NewTimer { due_at, data, chain }));
            }
            Granted::CancelTimer(key) => plan.change(key, None),
            Granted::Put { key, data } => plan.records.push(RecordData { key, data }),
            Granted::SetState(state) => plan.state = state.into(),
            Granted::SetValue { key, value } => {
                plan.values.insert(key, value.into());
            }
            Granted::Raise { name, data } => plan.events.push(Raise { name, data }),
            Granted::AddTag(tag) => plan.tags.set(tag, true),
            Granted::RemoveTag(tag) => plan.tags.set(tag, false),
        }
    }
}

impl PointsChange {
    const fn points(&self) -> Points {
        match self {
            Self::Award(award) => award.points,
            Self::Deduct(deduction) => deduction.points,
        }
    }
}

impl Plan {
    fn change(&mut self, key: TimerKey, to: Option<NewTimer>) {
        let (name, about) = key.place();
        let place = (name.to_owned(), about.cloned());
        self.timers.insert(place, TimerChange { key, to });
    }

    pub(super) fn awards_points(&self) -> bool {
        self.points.iter().any(|one| matches!(one, PointsChange::Award(_)))
    }

    pub(super) fn deducts_points(&self) -> bool {
        self.points.iter().any(|one| matches!(one, PointsChange::Deduct(_)))
    }

    pub(super) fn changes_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// What of a budget it takes: what it gives and what it takes away.
    pub(super) fn given(&self) -> Given {
        let points = Points::sum(self.points.iter().map(PointsChange::points));
        let messages = i64::try_from(self.messages.len()).unwrap_or(i64::MAX);
        Given { points: points.unwrap_or(Points::MAX), messages }
    }

    /// The records that it wants to put, and those that timers are to be about.
    pub(super) fn record_keys(&self) -> impl Iterator<Item = &RecordKey> {
        let about = self.timers.values().filter_map(TimerChange::about);
        self.records.iter().map(|record| &record.key).chain(about)
    }

    /// Whether it writes something that hangs on no account by itself.
    pub(super) fn keeps_something(&self) -> bool {
        !self.messages.is_empty()
            || !self.values.is_empty()
            || !matches!(self.state, StateChange::Keep)
    }

    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        known: &mut Known,
        asked_by: &AskedBy,
        state: &StateKey,
    ) -> Result<()> {
        for change in &self.points {
            match change {
                PointsChange::Award(award) => award.apply(operation, asked_by),
                PointsChange::Deduct(deduction) => deduction.apply(operation, asked_by),
            }
        }
        for record in &self.records {
            record.apply(operation, &mut known.puts, asked_by)?;
        }
        if !self.tags.is_empty() {
            self.tags.apply(operation, &mut known.tags, asked_by)?;
        }
        for event in &self.events {
            event.apply(operation, asked_by)?;
        }
        for message in &self.messages {
            messages::send(operation, message);
        }
        for change in self.timers.values() {
            change.apply(operation, asked_by)?;
        }
        self.state.apply(operation, state);
        for (key, value) in &self.values {
            let name = StateKey::of_value(&asked_by.plugin, asked_by.member, key);
            value.apply(operation, &name);
        }
        Ok(())
    }
}
