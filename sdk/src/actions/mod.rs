//! What a plugin asks for. Nothing happens while the answer is built; the platform then carries out
//! all of it, or nothing.

mod message;
mod reason;
mod timer;

pub use message::{Message, Recipient};
pub use reason::Reason;
pub use timer::{CancelledTimer, Due, Timer, UnsetTimer};

use crate::{Failure, Json, RecordKey};
use serde::Serialize;
use std::collections::BTreeMap;

/// The answer to an event: up to 64 effects in order, each under a key.
///
/// The platform carries out an effect once for each event and key, however often it delivers the
/// event. Keys are made from kind and name, such as `message:reminder`, with a number from the
/// second on (`message:reminder:2`). Set keys yourself if the order of the effects could change
/// between two runs.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    pending: Vec<Pending>,
    failure: Option<Failure>,
}

/// An effect and the key under which it is carried out once.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Action {
    /// Unique within the answer.
    pub key: String,
    /// What is to be done.
    pub effect: Effect,
}

/// What a plugin can ask for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// See [`Actions::award_points`].
    AwardPoints {
        /// At least 1.
        points: i64,
        /// Shown to the member.
        reason: Reason,
    },
    /// See [`Actions::deduct_points`].
    DeductPoints {
        /// At least 1.
        points: i64,
        /// Shown to the member.
        reason: Reason,
    },
    /// See [`Actions::message`].
    SendMessage {
        /// A template of the manifest.
        template: String,
        /// Who receives it.
        to: Recipient,
        /// Values for the template's `{placeholders}`.
        parameters: Vec<(String, String)>,
    },
    /// See [`Actions::timer`].
    SetTimer {
        /// Unique among the plugin's timers about the same record, or about the member itself.
        name: String,
        /// The record that it is about.
        about: Option<RecordKey>,
        /// When it fires.
        due: Due,
        /// Comes back when it fires.
        data: Json,
    },
    /// See [`Actions::cancel_timer`].
    CancelTimer {
        /// The name that it was set under.
        name: String,
        /// The record that it was about.
        about: Option<RecordKey>,
    },
    /// See [`Actions::put_record`].
    PutRecord {
        /// The record's type and external id.
        key: RecordKey,
        /// Valid against the schema in the manifest.
        data: Json,
    },
    /// See [`Actions::set_state`] and [`Actions::clear_state`].
    SetState(Option<Json>),
    /// See [`Actions::set_value`] and [`Actions::clear_value`].
    SetValue {
        /// The plugin's own name of it.
        key: String,
        /// None removes it.
        value: Option<Json>,
    },
    /// See [`Actions::raise`].
    RaiseEvent {
        /// An event of the manifest.
        name: String,
        /// Valid against the schema in the manifest.
        data: Json,
    },
    /// See [`Actions::add_tag`].
    AddTag(String),
    /// See [`Actions::remove_tag`].
    RemoveTag(String),
}

/// An effect that is part of the answer and can be given a key of its own.
#[derive(Debug)]
pub struct Keyed<'a>(&'a mut Actions);

impl Keyed<'_> {
    /// Sets the key under which the effect is carried out once per event. At most 512 bytes, unique
    /// within the answer.
    pub fn key(self, key: impl Into<String>) {
        self.0.last().key = Some(key.into());
    }
}

#[derive(Clone, Debug)]
struct Pending {
    key: Option<String>,
    effect: Effect,
}

impl Actions {
    /// An answer that asks for nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// An empty answer to add effects to.
    pub fn new() -> Self {
        Self::default()
    }

    /// Credits points to the member: at least 1. The platform refuses the answer if its awards
    /// exceed the manifest's `points-per-event-max` in sum. `reason` is shown to the member: a text,
    /// or a [`Reason`] in the member's language.
    pub fn award_points(&mut self, points: i64, reason: impl Into<Reason>) -> Keyed<'_> {
        self.add(Effect::AwardPoints { points, reason: reason.into() })
    }

    /// Takes points from the member: at least 1, out of those that expire first. Of what the member
    /// has not nothing is owed: who has 30 loses 30 of 50, who has none loses none. The platform
    /// refuses the answer if it deducts more than the manifest's `deducts-per-event-max` in sum.
    /// `reason` is shown to the member.
    pub fn deduct_points(&mut self, points: i64, reason: impl Into<Reason>) -> Keyed<'_> {
        self.add(Effect::DeductPoints { points, reason: reason.into() })
    }

    /// Sends a message made from a template of the manifest, to the member unless addressed to a
    /// contact. Needs the capability `messages`.
    pub fn message(&mut self, template: impl Into<String>) -> Message<'_> {
        Message::add(self, template.into())
    }

    /// Starts to set a timer; [`on`](UnsetTimer::on) or [`at`](UnsetTimer::at) completes it.
    /// Setting a timer again under the same name, [`about`](Timer::about) the same record or about
    /// none, moves it. Needs the capability `timers`.
    pub fn timer(&mut self, name: impl Into<String>) -> UnsetTimer<'_> {
        UnsetTimer::new(self, name.into())
    }

    /// Cancels a timer: the one that is about the record of
    /// [`about`](CancelledTimer::about), if that follows, else the one that is about no record. Does
    /// nothing if there is none; tests warn if one of that name waits elsewhere. Needs the capability
    /// `timers`.
    pub fn cancel_timer(&mut self, name: impl Into<String>) -> CancelledTimer<'_> {
        CancelledTimer::add(self, name.into())
    }

    /// Creates or replaces a record of the member, at most 64 KiB of JSON. The manifest must
    /// name its type under `writes-records`; the data must match the type's schema,
    /// and a record of another member is never replaced.
    pub fn put_record(
        &mut self,
        record_type: impl Into<String>,
        external_id: impl Into<String>,
        data: &impl Serialize,
    ) -> Keyed<'_> {
        let (key, data) = (RecordKey::new(record_type, external_id), self.json(data));
        self.add(Effect::PutRecord { key, data })
    }

    /// Replaces what the next call about the same subject finds in
    /// [`Context::state`](crate::Context::state). At most 64 KiB of JSON.
    pub fn set_state(&mut self, state: &impl Serialize) {
        let state = self.json(state);
        self.add(Effect::SetState(Some(state)));
    }

    /// Deletes the state of the call's subject.
    pub fn clear_state(&mut self) {
        self.add(Effect::SetState(None));
    }

    /// Stores a value of the member under a key of the plugin's own, at most 512 bytes, which
    /// [`Context::value`](crate::Context::value) reads: at most 64 KiB of JSON. For what there are
    /// several of, such as one for each product; what every call needs belongs into the state.
    pub fn set_value(&mut self, key: impl Into<String>, value: &impl Serialize) -> Keyed<'_> {
        let value = Some(self.json(value));
        self.add(Effect::SetValue { key: key.into(), value })
    }

    /// Removes a value; does nothing if there is none.
    pub fn clear_value(&mut self, key: impl Into<String>) -> Keyed<'_> {
        self.add(Effect::SetValue { key: key.into(), value: None })
    }

    /// Raises an event of the plugin's own that the manifest declares under `[events]`: at most 8 in an
    /// answer, each at most 64 KiB of JSON that match the event's schema. Other plugins receive it that
    /// subscribe to `PLUGIN/NAME`; operators see it among the member's events. Where plugins
    /// answer each other, the first two in a row raise events.
    pub fn raise(&mut self, name: impl Into<String>, data: &impl Serialize) -> Keyed<'_> {
        let data = self.json(data);
        self.add(Effect::RaiseEvent { name: name.into(), data })
    }

    /// Tags the member: lower-case letters, digits and hyphens, at most 64. Does nothing if the member has
    /// the tag; a member has at most 100. Needs the capability `tags`.
    pub fn add_tag(&mut self, tag: impl Into<String>) -> Keyed<'_> {
        self.add(Effect::AddTag(tag.into()))
    }

    /// Takes a tag from the member; does nothing if the member has it not. Needs the capability `tags`.
    pub fn remove_tag(&mut self, tag: impl Into<String>) -> Keyed<'_> {
        self.add(Effect::RemoveTag(tag.into()))
    }

    /// Returns the effects with their keys. Fails with `not-json` if a value has no JSON form.
    pub fn finish(self) -> Result<Vec<Action>, Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let own = self.pending.iter().filter_map(|it| it.key.clone());
        let mut keys = Keys(own.map(|key| (key, 1)).collect());
        let name = |Pending { key, effect }| {
            let key = key.unwrap_or_else(|| keys.free(&effect));
            Action { key, effect }
        };
        Ok(self.pending.into_iter().map(name).collect())
    }

    fn add(&mut self, effect: Effect) -> Keyed<'_> {
        self.pending.push(Pending { key: None, effect });
        Keyed(self)
    }

    /// The effect added last; handles refer to it.
    fn last(&mut self) -> &mut Pending {
        self.pending.last_mut().expect("a handle exists only after its effect was added")
    }

    /// Keeps the first failure for `finish`, so that the builder reads without question marks.
    fn json(&mut self, value: &impl Serialize) -> Json {
        Json::of(value).unwrap_or_else(|failure| {
            self.failure.get_or_insert(failure);
            Json::null()
        })
    }
}

/// Keys for the effects that have none of their own: what is taken, and how far it was numbered. With
/// that an answer that is far too large costs little, and is refused for what it is.
struct Keys(BTreeMap<String, u32>);

impl Keys {
    fn free(&mut self, effect: &Effect) -> String {
        let base = base(effect);
        let mut number = self.0.get(&base).copied().unwrap_or(0);
        let mut key = base.clone();
        while self.0.contains_key(&key) {
            number += 1;
            key = format!("{base}:{number}");
        }
        self.0.insert(base, number.max(1));
        self.0.insert(key.clone(), 1);
        key
    }
}

fn base(effect: &Effect) -> String {
    match effect {
        Effect::AwardPoints { .. } => "award-points".to_owned(),
        Effect::DeductPoints { .. } => "deduct-points".to_owned(),
        Effect::SendMessage { template, .. } => format!("message:{template}"),
        Effect::SetTimer { name, about, .. } => {
            format!("timer:{}", of_record(name, about.as_ref()))
        }
        Effect::CancelTimer { name, about } => {
            format!("cancel-timer:{}", of_record(name, about.as_ref()))
        }
        Effect::PutRecord { key, .. } => format!("record:{}:{}", key.record_type, key.external_id),
        Effect::SetState(_) => "state".to_owned(),
        Effect::SetValue { key, .. } => format!("value:{key}"),
        Effect::RaiseEvent { name, .. } => format!("event:{name}"),
        Effect::AddTag(tag) => format!("tag:{tag}"),
        Effect::RemoveTag(tag) => format!("untag:{tag}"),
    }
}

fn of_record(name: &str, about: Option<&RecordKey>) -> String {
    match about {
        None => name.to_owned(),
        Some(RecordKey { record_type, external_id }) => {
            format!("{name}:{record_type}:{external_id}")
        }
    }
}
