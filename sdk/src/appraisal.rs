//! What `appraise` sees and answers.

use crate::Date;
use serde::Deserialize;

/// A purchase, or a cart that may become one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purchase {
    /// The shop's number for it.
    pub reference: String,
    /// ISO 4217.
    pub currency: String,
    /// In minor units.
    pub total_minor: i64,
    /// In the program's time zone.
    pub purchased_on: Date,
    /// What was bought.
    pub lines: Vec<PurchaseLine>,
}

/// One article of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseLine {
    /// The article's number.
    pub sku: String,
    /// As the shop sent it.
    pub category: Option<String>,
    /// How many.
    pub quantity: u32,
    /// For the whole line, in minor units.
    pub amount_minor: i64,
}

/// Points proposed for a purchase. The platform may cut them to the program's ceiling, and records the cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub(crate) key: Option<String>,
    /// At least 1.
    pub points: i64,
    /// Shown to the member.
    pub reason: String,
}

impl Proposal {
    /// Proposes `points`, for a reason that the member can read.
    pub fn new(points: i64, reason: impl Into<String>) -> Self {
        Self { key: None, points, reason: reason.into() }
    }

    /// Names the proposal in the explanation of the points; unique within the answer. Numbered if not called.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}
