//! Earning rules: an optional condition in CEL and a formula.

use super::condition::Condition;
use crate::accounts::{Expiry, Pending, PointType, Terms};
use crate::definition::Definition;
use crate::localized::Localized;
use crate::{Code, Error, Points, Result};

/// A rule of the program file.
#[derive(Debug)]
pub struct EarningRule {
    pub id: String,
    pub name: Localized,
    pub(crate) condition: Option<Condition>,
    pub(crate) formula: Formula,
    /// Which points it gives.
    pub(crate) point_type: PointType,
    /// How long they last, if not as the member's tier or their type says.
    pub(crate) expiry: Option<Expiry>,
    /// When they can be spent, if not as their type says.
    pub(crate) pending: Option<Pending>,
}

impl EarningRule {
    /// On which terms it gives points to a member on `tier`.
    pub(crate) fn terms(&self, definition: &Definition, tier: Option<&str>) -> Terms {
        let usual = definition.terms(&self.point_type, tier);
        Terms {
            point_type: usual.point_type,
            expiry: self.expiry.clone().unwrap_or(usual.expiry),
            pending: self.pending.clone().unwrap_or(usual.pending),
        }
    }
}

/// How many points a purchase earns by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    Fixed(Points),
    /// So many points for each whole step of the purchase's total; what is left of a step earns
    /// nothing.
    PerAmount {
        points: Points,
        step_minor: i64,
    },
}

impl Formula {
    /// Fails with `OVERFLOW` when the product leaves 64 bits.
    pub(crate) fn points(self, total_minor: i64) -> Result<Points> {
        match self {
            Self::Fixed(points) => Ok(points),
            Self::PerAmount { points, step_minor } => {
                let steps = total_minor / step_minor;
                let points = points.get().checked_mul(steps).map(Points::new);
                points.ok_or_else(|| {
                    let why = "the purchase is too large for its earning rule";
                    Error::new(Code::Overflow, why).at("total")
                })
            }
        }
    }
}
