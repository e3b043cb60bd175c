//! The program's clock moves on.

use super::{Ask, Command, Ids, minutes_after};
use crate::model::reference::{Answer, Reference};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Clock {
    minutes: i64,
    to: Option<Timestamp>,
}

impl Clock {
    pub(in crate::model) fn by(minutes: i64) -> Self {
        Self { minutes, to: None }
    }

    pub(in crate::model) fn to(&self) -> Timestamp {
        self.to.expect("a command is settled before it is carried out")
    }
}

impl Command for Clock {
    fn any() -> BoxedStrategy<Self> {
        let day = 24 * 60;
        prop_oneof![
            3 => 0..30_i64,
            4 => (1..12_i64).prop_map(move |days| days * day),
            2 => (20..50_i64).prop_map(move |days| days * day),
            1 => Just(-1_i64),
        ]
        .prop_map(Self::by)
        .boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        self.to = self.to.or(Some(minutes_after(reference.now, self.minutes)));
        self
    }

    fn changed(self) -> Self {
        self
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        if self.to() < reference.now {
            return Err("CLOCK_MOVES_BACK".to_owned());
        }
        reference.move_clock(self.to());
        Ok(json!(self.to()))
    }

    fn ask(&self, _: &Ids) -> Option<Ask> {
        Some(Ask {
            field: "advanceTestClock",
            input_type: "AdvanceTestClockInput",
            select: "now".to_owned(),
            input: json!({ "to": self.to() }),
        })
    }
}
