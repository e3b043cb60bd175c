//! Carts and their lines.

use crate::program::day;
use perennial_contract::call::{Purchase, PurchaseLine};
use serde_json::{Value, json};

/// A line of a purchase. A test writes `("TEA", 1, 590)`, or `Line::new("TEA", 1,
/// 590).category("drinks")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub(crate) sku: String,
    pub(crate) category: Option<String>,
    pub(crate) quantity: u32,
    pub(crate) amount_minor: i64,
}

impl Line {
    /// A product, how many of it, and the amount of the line in minor units.
    pub fn new(sku: &str, quantity: u32, amount_minor: i64) -> Self {
        Self { sku: sku.to_owned(), category: None, quantity, amount_minor }
    }

    /// The shop's own category.
    #[must_use]
    pub fn category(mut self, category: &str) -> Self {
        self.category = Some(category.to_owned());
        self
    }

    /// As the event `purchase-recorded` has it.
    pub(crate) fn told(&self) -> Value {
        json!({
            "sku": self.sku, "category": self.category, "quantity": self.quantity,
            "amountMinor": self.amount_minor,
        })
    }
}

impl From<(&str, u32, i64)> for Line {
    fn from((sku, quantity, amount_minor): (&str, u32, i64)) -> Self {
        Self::new(sku, quantity, amount_minor)
    }
}

impl From<Line> for PurchaseLine {
    fn from(line: Line) -> Self {
        let Line { sku, category, quantity, amount_minor } = line;
        Self { sku, category, quantity, amount_minor }
    }
}

/// A cart in euros, with lines such as `("TEA", 1, 590)`.
///
/// # Panics
///
/// If `on` is not a date.
pub fn basket<L: Clone + Into<Line>>(reference: &str, on: &str, lines: &[L]) -> Purchase {
    let lines: Vec<Line> = lines.iter().cloned().map(Into::into).collect();
    Purchase {
        reference: reference.to_owned(),
        currency: "EUR".to_owned(),
        total_minor: lines.iter().map(|line| line.amount_minor).sum(),
        purchased_on: day(on),
        lines: lines.into_iter().map(Into::into).collect(),
    }
}
