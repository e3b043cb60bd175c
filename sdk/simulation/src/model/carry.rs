//! What the plugin asked for, judged and carried out: all of it, or nothing.

use super::Simulation;
use super::account::{Awarded, Place, Raised, Sent, Stored, Timer};
use jiff::Timestamp;
use perennial_contract::call::{Event, RecordKey};
use perennial_contract::{
    Action, Granted, Occasion, Readers, Recipient, Shown, TimerKey, Unique, grant, taken,
};
use serde_json::Value;
use std::collections::BTreeMap;

impl<E> Simulation<E> {
    /// Fails with what the plugin may not have.
    pub(super) fn carry_out(&mut self, event: &Event, actions: Vec<Action>) -> Result<(), String> {
        let shown = self.shown(true);
        let contacts = shown.contacts.iter();
        let contacts: Vec<_> = contacts
            .map(|contact| Shown { id: contact.id.clone(), locale: contact.locale.clone() })
            .collect();
        let others: Vec<_> = self.others.iter().collect();
        let occasion = Occasion {
            manifest: &self.manifest,
            others: &others,
            readers: Readers { member: &shown.locale, program: &self.program.locale },
            contacts: &contacts,
            zone: &self.program.zone,
            event: &event.name,
            occurred_at: event.occurred_at,
        };
        let granted = grant(&occasion, actions)?;
        let mut named = granted.iter().filter_map(Granted::record);
        let is_foreign = |key: &&RecordKey| {
            self.records.get(*key).is_some_and(|stored| stored.owner != self.current)
        };
        if let Some(foreign) = named.find(is_foreign) {
            return Err(taken(foreign));
        }
        // As the platform has them: of one place the last, and in the order of their names.
        let (mut timers, mut tags) = (BTreeMap::new(), BTreeMap::new());
        for one in granted {
            let (key, timer) = match one {
                Granted::SetTimer { key, due, data } => (key, Some((due, data))),
                Granted::CancelTimer(key) => (key, None),
                Granted::AddTag(tag) => {
                    tags.insert(tag, true);
                    continue;
                }
                Granted::RemoveTag(tag) => {
                    tags.insert(tag, false);
                    continue;
                }
                other => {
                    self.apply(event, &contacts, other);
                    continue;
                }
            };
            let (name, about) = key.place();
            timers.insert((name.to_owned(), about.cloned()), (key, timer));
        }
        let member = self.member_mut();
        member.tags.retain(|tag| tags.get(tag) != Some(&false));
        tags.iter().filter(|(_, is_there)| **is_there).for_each(|(tag, _)| member.add_tag(tag));
        let cancelled = timers.values().filter(|(_, timer)| timer.is_none());
        let in_vain = cancelled.filter_map(|(key, _)| self.cancelled_in_vain(key));
        let in_vain: Vec<_> = in_vain.collect();
        self.warnings.extend(in_vain);
        for (key, timer) in timers.into_values() {
            self.change_timer(key, timer);
        }
        Ok(())
    }

    pub(super) fn give(&mut self, points: i64) {
        let account = &mut self.accounts[self.current];
        account.points = account.points.saturating_add(points);
        account.member.points = account.member.points.saturating_add(points);
    }

    pub(super) fn store(&mut self, key: RecordKey, data: Value) {
        self.made += 1;
        let (number, owner) = (self.made, self.current);
        let stored = self.records.entry(key).or_insert(Stored { number, owner, data: Value::Null });
        stored.data = data;
    }

    fn apply(&mut self, event: &Event, contacts: &[Shown], granted: Granted) {
        match granted {
            Granted::Award { key, points, reason } => {
                let on = self.day_of(event.occurred_at);
                self.accounts[self.current].awarded.push(Awarded { on, key, points, reason });
                self.give(points);
            }
            Granted::Deduct { key, points, reason } => {
                let on = self.day_of(event.occurred_at);
                let points = -points.min(self.member().points.max(0));
                if points < 0 {
                    self.accounts[self.current].awarded.push(Awarded { on, key, points, reason });
                    self.give(points);
                }
            }
            Granted::Raise { name, data } => {
                let on = self.day_of(event.occurred_at);
                self.accounts[self.current].raised.push(Raised { on, name, data });
            }
            Granted::Message { template, .. } if self.is_too_late(event.occurred_at) => {
                self.warnings.push(self.left_out(&template, event.occurred_at));
            }
            Granted::Message { template, contact, locale, subject, body, parameters } => {
                let to = contact.map_or(Recipient::Member, |index| {
                    Recipient::Contact(contacts[index].id.clone())
                });
                let (on, parameters) =
                    (self.day_of(event.occurred_at), parameters.into_iter().collect());
                let sent = Sent { on, template, to, locale, subject, body, parameters };
                self.accounts[self.current].sent.push(sent);
            }
            Granted::Put { key, data } => self.store(key, data),
            Granted::SetState(state) => {
                let states = &mut self.accounts[self.current].states;
                match state {
                    Some(state) => states.insert(event.subject(), state),
                    None => states.remove(&event.subject()),
                };
            }
            Granted::SetValue { key, value } => {
                let values = &mut self.accounts[self.current].values;
                match value {
                    Some(value) => values.insert(key, value),
                    None => values.remove(&key),
                };
            }
            Granted::SetTimer { .. }
            | Granted::CancelTimer(_)
            | Granted::AddTag(_)
            | Granted::RemoveTag(_) => {}
        }
    }

    fn change_timer(&mut self, key: TimerKey, timer: Option<(Timestamp, Value)>) {
        self.made += 1;
        let made = self.made;
        let timers = &mut self.accounts[self.current].timers;
        let unique = key.unique;
        let changed = Place::from(key);
        if unique == Unique::PerMember {
            timers.retain(|place, _| place.name != changed.name || place.about == changed.about);
        }
        let Some((due, data)) = timer else {
            timers.retain(|place, _| match unique {
                Unique::PerRecord => *place != changed,
                Unique::PerMember => place.name != changed.name,
            });
            return;
        };
        // Moved, it keeps its place.
        let number = timers.get(&changed).map_or(made, |before| before.number);
        timers.insert(changed, Timer { number, due, data });
    }
}
