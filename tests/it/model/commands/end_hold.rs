//! A hold is captured, all or part, or released.

use super::hold::{as_read, name_of};
use super::{Ask, Command, Ids, Pick};
use crate::model::reference::books::State;
use crate::model::reference::{Answer, Reference};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) enum End {
    CaptureAll,
    Capture(i64),
    Release,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct EndHold {
    pub(in crate::model) hold: Pick,
    pub(in crate::model) end: End,
}

impl EndHold {
    pub(in crate::model) fn of(member: &str, key: &str, end: End) -> Self {
        Self { hold: Pick::Named(name_of(member, key)), end }
    }

    /// Whether it says something that can be meant.
    pub(in crate::model) fn is_sound(&self) -> bool {
        !matches!(self.end, End::Capture(points) if points <= 0)
    }
}

impl Command for EndHold {
    fn any() -> BoxedStrategy<Self> {
        let end = prop_oneof![
            2 => Just(End::CaptureAll),
            3 => (0..20_i64).prop_map(End::Capture),
            2 => Just(End::Release),
        ];
        (Pick::any(), end).prop_map(|(hold, end)| Self { hold, end }).boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        self.hold = self.hold.of(reference.books.holds.iter().map(|hold| hold.name.clone()));
        self
    }

    fn changed(self) -> Self {
        let end = match self.end {
            End::Release | End::CaptureAll => End::Capture(1),
            End::Capture(points) => End::Capture(points + 1),
        };
        Self { end, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        if !self.is_sound() {
            return Err("INVALID_INPUT".to_owned());
        }
        reference.whole(|reference| {
            let now = reference.now;
            let books = &mut reference.books;
            let named = books.holds.iter().rposition(|hold| hold.name == self.hold.name());
            let index = named.ok_or("HOLD_NOT_FOUND")?;
            let hold = &books.holds[index];
            let (state, captured) = match self.end {
                End::CaptureAll => (State::Captured, hold.points),
                End::Capture(points) => (State::Captured, points),
                End::Release => (State::Released, 0),
            };
            if hold.state != State::Open {
                let is_same =
                    !hold.has_paid && (hold.state, hold.captured) == (state, captured);
                return if is_same { Ok(as_read(hold)) } else { Err("HOLD_ENDED") };
            }
            if captured > hold.points {
                return Err("INVALID_INPUT");
            }
            if captured > 0 {
                let owner = hold.owner.clone();
                books.act(&owner, now, now);
            }
            books.end_hold(index, state, captured, now);
            Ok(as_read(&books.holds[index]))
        })
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        let hold = ids.of("hld", self.hold.name())?;
        let select = "hold { id state points captured expiresAt endedAt }".to_owned();
        Some(match self.end {
            End::Release => Ask {
                field: "releaseHold",
                input_type: "ReleaseHoldInput",
                select,
                input: json!({ "holdId": hold }),
            },
            End::CaptureAll | End::Capture(_) => Ask {
                field: "captureHold",
                input_type: "CaptureHoldInput",
                select,
                input: match self.end {
                    End::Capture(points) => json!({ "holdId": hold, "points": points }),
                    _ => json!({ "holdId": hold }),
                },
            },
        })
    }
}
