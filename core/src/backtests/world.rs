//! What there would be of a member: what the plugin keeps, its records and its timers, by its own
//! answers.

use super::history::Past;
use super::purchases::Bought;
use super::told::Told;
use crate::Timestamp;
use crate::runtime::{Event, Granted, Known, RecordKey, StoredRecord, TimerKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Names a timer of the plugin for the member.
type Place = (String, Option<RecordKey>);

#[derive(Debug)]
pub(super) struct World {
    pub(super) told: Told,
    bought: Bought,
    /// In the order in which they were made.
    records: Vec<(RecordKey, Value)>,
    /// Of the member, and of records.
    states: BTreeMap<Option<RecordKey>, Value>,
    values: BTreeMap<String, Value>,
    timers: BTreeMap<Place, Timer>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Timer {
    pub(super) name: String,
    pub(super) about: Option<RecordKey>,
    pub(super) due: Timestamp,
    data: Value,
}

impl World {
    pub(super) fn of(told: Told) -> Self {
        Self {
            told,
            bought: Bought::default(),
            records: Vec::new(),
            states: BTreeMap::new(),
            values: BTreeMap::new(),
            timers: BTreeMap::new(),
        }
    }

    /// Moves on by what happened; `is_its_doing` of what the plugin itself did then, which it does
    /// anew, or does not.
    pub(super) fn goes_on(&mut self, past: &Past, is_its_doing: bool) {
        self.told.goes_on(past, is_its_doing);
        self.bought.goes_on(past);
        if past.event.name == "record-put"
            && !is_its_doing
            && let Some(key) = past.event.subject()
        {
            self.put(key, past.event.data["data"].clone());
        }
    }

    pub(super) fn state(&self, subject: Option<&RecordKey>) -> Option<Value> {
        self.states.get(&subject.cloned()).cloned()
    }

    /// What it can look up.
    pub(super) fn known(&self) -> Known {
        let record = |(key, data): &(RecordKey, Value)| StoredRecord {
            key: key.clone(),
            data: data.clone(),
            state: self.state(Some(key)),
        };
        Known {
            records: self.records.iter().map(record).collect(),
            purchases: self.bought.standing(),
            balances: self.told.balances(),
            values: self.values.clone(),
            centers: Vec::new(),
        }
    }

    /// Takes what concerns it of an answer; the rest is what it gives.
    pub(super) fn carry_out(&mut self, subject: Option<RecordKey>, granted: Granted) {
        match granted {
            Granted::SetTimer { key, due, data } => {
                let timer = Timer {
                    name: key.name.clone(),
                    about: key.about.clone(),
                    due: due.into(),
                    data,
                };
                self.timers.insert(place(&key), timer);
            }
            Granted::CancelTimer(key) => drop(self.timers.remove(&place(&key))),
            Granted::Put { key, data } => self.put(key, data),
            Granted::SetState(Some(state)) => drop(self.states.insert(subject, state)),
            Granted::SetState(None) => drop(self.states.remove(&subject)),
            Granted::SetValue { key, value: Some(value) } => {
                self.values.insert(key, value);
            }
            Granted::SetValue { key, value: None } => drop(self.values.remove(&key)),
            Granted::AddTag(tag) => self.told.is_tagged(&[tag], &[]),
            Granted::RemoveTag(tag) => self.told.is_tagged(&[], &[tag]),
            Granted::Award { .. }
            | Granted::Deduct { .. }
            | Granted::Message { .. }
            | Granted::Raise { .. } => {}
        }
    }

    /// The timer that is due first, of those that `waits` does not keep, if its time has come.
    pub(super) fn next_due(&self, now: Timestamp, waits: impl Fn(&Timer) -> bool) -> Option<Timer> {
        let due = self.timers.values().filter(|timer| timer.due <= now && !waits(timer));
        due.min_by_key(|timer| timer.due).cloned()
    }

    /// Takes the timer that a recorded firing was of.
    pub(super) fn fired(&mut self, event: &Event) -> Option<Timer> {
        let is_it = |timer: &Timer| timer.is_of(event);
        let place = self.timers.iter().find(|(_, timer)| is_it(timer)).map(|(place, _)| place);
        place.cloned().and_then(|place| self.timers.remove(&place))
    }

    /// Takes a timer, and makes the event of its firing.
    pub(super) fn fire(&mut self, timer: &Timer, id: String) -> Event {
        self.timers.retain(|_, waiting| waiting != timer);
        let data = |key: &RecordKey| self.records.iter().find(|(known, _)| known == key);
        let record = timer.about.as_ref().and_then(data).map(|(key, data)| {
            json!({ "type": key.record_type, "externalId": key.external_id, "data": data })
        });
        Event {
            id,
            name: "timer-fired".to_owned(),
            occurred_at: timer.due.instant(),
            data: json!({ "name": timer.name, "data": timer.data, "record": record }),
        }
    }

    fn put(&mut self, key: RecordKey, data: Value) {
        match self.records.iter_mut().find(|(known, _)| *known == key) {
            Some((_, kept)) => *kept = data,
            None => self.records.push((key, data)),
        }
    }
}

impl Timer {
    /// Whether a recorded firing was this one's.
    pub(super) fn is_of(&self, event: &Event) -> bool {
        event.name == "timer-fired"
            && event.data["name"] == self.name.as_str()
            && event.occurred_at == self.due.instant()
            && event.subject() == self.about
    }
}

fn place(key: &TimerKey) -> Place {
    let (name, about) = key.place();
    (name.to_owned(), about.cloned())
}
