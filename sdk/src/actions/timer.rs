//! Timers: durable calls at a later time.

use super::{Actions, Effect};
use crate::{Date, Json, RecordKey};
use jiff::Timestamp;
use serde::Serialize;

/// When a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At an instant, to the microsecond.
    At(Timestamp),
    /// At the first instant of the day in the program's time zone. A day that has begun, or is
    /// past, is due at once.
    On(Date),
}

/// A timer whose due time is not yet given.
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

    /// Sets the timer to the first instant of a day in the program's time zone. See [`Due::On`].
    pub fn on(self, date: Date) -> Timer<'a> {
        self.due(Due::On(date))
    }

    /// Sets the timer to an instant.
    pub fn at(self, instant: Timestamp) -> Timer<'a> {
        self.due(Due::At(instant))
    }

    fn due(self, due: Due) -> Timer<'a> {
        self.actions.add(Effect::SetTimer {
            name: self.name,
            about: None,
            due,
            data: Json::null(),
        });
        Timer(self.actions)
    }
}

/// A timer that is part of the answer.
#[derive(Debug)]
pub struct Timer<'a>(&'a mut Actions);

impl Timer<'_> {
    /// Stores a value, at most 64 KiB of JSON, that comes back as
    /// [`TimerFired::data`](crate::TimerFired::data). A value without a JSON form fails the call.
    #[expect(clippy::return_self_not_must_use, reason = "the timer is already part of the answer")]
    pub fn data(self, data: &impl Serialize) -> Self {
        let json = self.0.json(data);
        if let Effect::SetTimer { data, .. } = &mut self.0.last().effect {
            *data = json;
        }
        self
    }

    /// Names the record that the timer is about: when it fires, the event brings the record's
    /// current data and the context its state. Timers of the same name about different records are
    /// different timers. The plugin must be shown records of the type.
    #[expect(clippy::return_self_not_must_use, reason = "the timer is already part of the answer")]
    pub fn about(self, record: RecordKey) -> Self {
        if let Effect::SetTimer { about, .. } = &mut self.0.last().effect {
            *about = Some(record);
        }
        self
    }

    /// Sets the key under which the timer is set once per event, in place of `timer:<name>`, with
    /// the record behind it if it is about one. At most 512 bytes, unique within the answer.
    #[expect(clippy::return_self_not_must_use, reason = "the timer is already part of the answer")]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.0.last().key = Some(key.into());
        self
    }
}

/// A timer that is cancelled by the answer.
#[derive(Debug)]
pub struct CancelledTimer<'a>(&'a mut Actions);

impl<'a> CancelledTimer<'a> {
    pub(super) fn add(actions: &'a mut Actions, name: String) -> Self {
        actions.add(Effect::CancelTimer { name, about: None });
        Self(actions)
    }

    /// Names the record that the timer was set [about](Timer::about).
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the cancelling is already part of the answer"
    )]
    pub fn about(self, record: RecordKey) -> Self {
        if let Effect::CancelTimer { about, .. } = &mut self.0.last().effect {
            *about = Some(record);
        }
        self
    }

    /// Sets the key under which the timer is cancelled once per event. At most 512 bytes, unique
    /// within the answer.
    pub fn key(self, key: impl Into<String>) {
        self.0.last().key = Some(key.into());
    }
}
