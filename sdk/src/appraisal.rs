//! What `appraise` receives and returns.

use crate::{Date, Reason};
use serde::Deserialize;

/// A purchase, or a cart that may become one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purchase {
    /// The shop's order number. In a quote, where there is no order yet, a placeholder: proposals
    /// must not depend on it.
    pub reference: String,
    /// The ISO 4217 code, such as `EUR`: always the program's currency.
    pub currency: String,
    /// The total in minor units, such as cents.
    pub total_minor: i64,
    /// The day of the purchase, or of the quote, in the program's time zone.
    pub purchased_on: Date,
    /// What was bought.
    pub lines: Vec<PurchaseLine>,
}

/// One line of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseLine {
    /// The shop's product number.
    pub sku: String,
    /// The shop's own category, if it sent one.
    pub category: Option<String>,
    /// How many.
    pub quantity: u32,
    /// For the whole line, in minor units.
    pub amount_minor: i64,
}

/// Points proposed for a purchase. The platform cuts the sum of all awards to the program's ceiling
/// for a purchase, and records the cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub(crate) key: Option<String>,
    /// At least 1; all proposals of an answer together at most the manifest's
    /// `points-per-event-max`.
    pub points: i64,
    /// Shown to the member.
    pub reason: Reason,
}

impl Proposal {
    /// Proposes `points` for a reason that is shown to the member.
    pub fn new(points: i64, reason: impl Into<Reason>) -> Self {
        Self { key: None, points, reason: reason.into() }
    }

    /// Names the proposal in the explanation of the points. At most 512 bytes, unique within the
    /// answer; `proposal:1`, `proposal:2`… if not set.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}
