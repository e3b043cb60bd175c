//! What an account was given lately: what caps of periods are about.

use super::policy::caps::Within;
use crate::{Error, PointType, Points, Result, Timestamp};

/// What an account was given within some time, less what was taken back of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gained {
    known: Within,
    given: Vec<(PointType, Timestamp, Points)>,
}

impl Gained {
    pub(super) fn nothing(known: Within) -> Self {
        Self { known, given: Vec::new() }
    }

    /// All of a type that was given at an instant of `period`. Fails with `INTERNAL` where nobody
    /// looked.
    pub(super) fn within(&self, point_type: &PointType, period: Within) -> Result<Points> {
        if period.since < self.known.since || period.until > self.known.until {
            return Err(Error::internal("a cap of a period at which nobody looked"));
        }
        let is_it = |(of, at, _): &&(PointType, Timestamp, Points)| {
            of == point_type && period.contains(*at)
        };
        Points::sum(self.given.iter().filter(is_it).map(|(_, _, points)| *points))
    }

    pub(super) fn add(&mut self, point_type: PointType, at: Timestamp, points: Points) {
        self.given.push((point_type, at, points));
    }
}
