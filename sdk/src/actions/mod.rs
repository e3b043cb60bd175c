//! What a plugin asks for. Nothing happens while it is put together; the platform carries the whole answer out at once, or
//! nothing of it.

mod message;
mod timer;

pub use message::{Message, Recipient};
pub use timer::{Due, Timer, UnsetTimer};

use crate::{Failure, Json, RecordKey};
use serde::Serialize;
use std::collections::BTreeSet;

/// The answer to an event: effects in order, each under a key.
///
/// The platform carries out an effect once for each event and key, however often it delivers the event. Keys are made from kind
/// and subject, `message:reminder`, with a number from the second on; whoever builds effects in an order that could change gives
/// them keys of their own.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    pending: Vec<Pending>,
    failure: Option<Failure>,
}

/// An effect and the key under which it happens once.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Action {
    /// Unique within the answer.
    pub key: String,
    /// What is asked for.
    pub effect: Effect,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// See [`Actions::award_points`].
    AwardPoints {
        /// At least 1.
        points: i64,
        /// Shown to the member.
        reason: String,
    },
    /// See [`Actions::message`].
    SendMessage {
        /// A template of the manifest.
        template: String,
        /// Who gets it.
        to: Recipient,
        /// Values for the template's `{placeholders}`.
        parameters: Vec<(String, String)>,
    },
    /// See [`Actions::timer`].
    SetTimer {
        /// Unique per member and plugin.
        name: String,
        /// When it fires.
        due: Due,
        /// Handed back when it fires.
        data: Json,
        /// The record that it is about.
        about: Option<RecordKey>,
    },
    /// See [`Actions::cancel_timer`].
    CancelTimer {
        /// As it was set.
        name: String,
    },
    /// See [`Actions::put_record`].
    PutRecord {
        /// Which.
        key: RecordKey,
        /// Valid against the manifest's schema.
        data: Json,
    },
    /// See [`Actions::set_state`] and [`Actions::clear_state`].
    SetState(Option<Json>),
}

/// An effect that is part of the answer and can be given a key of its own.
#[derive(Debug)]
pub struct Keyed<'a>(&'a mut Actions);

impl Keyed<'_> {
    /// A key of its own.
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
    /// Nothing is to be done.
    pub fn none() -> Self {
        Self::default()
    }

    /// An answer to add effects to.
    pub fn new() -> Self {
        Self::default()
    }

    /// Credits points; the manifest's `points-per-event-max` bounds the sum.
    pub fn award_points(&mut self, points: i64, reason: impl Into<String>) -> Keyed<'_> {
        self.add(Effect::AwardPoints { points, reason: reason.into() })
    }

    /// Sends a message made from a template of the manifest; to the member unless told otherwise.
    pub fn message(&mut self, template: impl Into<String>) -> Message<'_> {
        Message::add(self, template.into())
    }

    /// Starts to set a timer; it needs a due date to become one. Setting a timer again under the same name moves it.
    pub fn timer(&mut self, name: impl Into<String>) -> UnsetTimer<'_> {
        UnsetTimer::new(self, name.into())
    }

    /// Keyeds a timer; no harm if there is none.
    pub fn cancel_timer(&mut self, name: impl Into<String>) -> Keyed<'_> {
        self.add(Effect::CancelTimer { name: name.into() })
    }

    /// Creates or replaces a record of the member, of a type that the manifest declares and may write.
    pub fn put_record(
        &mut self,
        record_type: impl Into<String>,
        external_id: impl Into<String>,
        data: &impl Serialize,
    ) -> Keyed<'_> {
        let (key, data) = (RecordKey::new(record_type, external_id), self.json(data));
        self.add(Effect::PutRecord { key, data })
    }

    /// Replaces what the next call about the same subject finds in [`Context::state`](crate::Context::state).
    pub fn set_state(&mut self, state: &impl Serialize) {
        let state = self.json(state);
        self.add(Effect::SetState(Some(state)));
    }

    /// Forgets the subject's state.
    pub fn clear_state(&mut self) {
        self.add(Effect::SetState(None));
    }

    /// The effects with their keys; fails if a value could not be written as JSON.
    pub fn finish(self) -> Result<Vec<Action>, Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut taken = self.pending.iter().filter_map(|it| it.key.clone()).collect();
        let name = |Pending { key, effect }| {
            let key = key.unwrap_or_else(|| free_key(&effect, &mut taken));
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

fn free_key(effect: &Effect, taken: &mut BTreeSet<String>) -> String {
    let base = match effect {
        Effect::AwardPoints { .. } => "award-points".to_owned(),
        Effect::SendMessage { template, .. } => format!("message:{template}"),
        Effect::SetTimer { name, .. } => format!("timer:{name}"),
        Effect::CancelTimer { name } => format!("cancel-timer:{name}"),
        Effect::PutRecord { key, .. } => format!("record:{}:{}", key.record_type, key.external_id),
        Effect::SetState(_) => "state".to_owned(),
    };
    let mut key = base.clone();
    let mut number = 1_u32;
    while !taken.insert(key.clone()) {
        number += 1;
        key = format!("{base}:{number}");
    }
    key
}
