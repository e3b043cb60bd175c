//! Durable wake-ups.

use super::{Actions, Effect};
use crate::{Date, Json, RecordKey};
use jiff::Timestamp;
use serde::Serialize;

/// When a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At an instant.
    At(Timestamp),
    /// At the first instant of the day in the program's time zone. A day that has begun is due at once.
    On(Date),
}

/// A timer without a due date.
#[derive(Debug)]
#[must_use = "a timer is set by `on` or `at`"]
pub struct UnsetTimer<'a> {
    actions: &'a mut Actions,
    name: String,
}

impl<'a> UnsetTimer<'a> {
    pub(super) fn new(actions: &'a mut Actions, name: String) -> Self {
        Self { actions, name }
    }

    /// Due at the first instant of the day in the program's time zone.
    pub fn on(self, date: Date) -> Timer<'a> {
        self.due(Due::On(date))
    }

    /// Due at an instant.
    pub fn at(self, instant: Timestamp) -> Timer<'a> {
        self.due(Due::At(instant))
    }

    fn due(self, due: Due) -> Timer<'a> {
        self.actions.add(Effect::SetTimer {
            name: self.name,
            due,
            data: Json::null(),
            about: None,
        });
        Timer(self.actions)
    }
}

/// A timer that is set.
#[derive(Debug)]
pub struct Timer<'a>(&'a mut Actions);

impl Timer<'_> {
    /// Handed back when it fires.
    #[expect(clippy::return_self_not_must_use, reason = "the timer is already part of the answer")]
    pub fn data(self, data: &impl Serialize) -> Self {
        let json = self.0.json(data);
        if let Effect::SetTimer { data, .. } = &mut self.0.last().effect {
            *data = json;
        }
        self
    }

    /// The record that the wake-up will be about: its state and its current data come with the event.
    #[expect(clippy::return_self_not_must_use, reason = "the timer is already part of the answer")]
    pub fn about(self, record: RecordKey) -> Self {
        if let Effect::SetTimer { about, .. } = &mut self.0.last().effect {
            *about = Some(record);
        }
        self
    }

    /// A key of its own.
    #[expect(clippy::return_self_not_must_use, reason = "the timer is already part of the answer")]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.0.last().key = Some(key.into());
        self
    }
}
