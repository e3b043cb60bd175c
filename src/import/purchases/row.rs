//! A row of a purchases file.

use crate::import::{lines::Place, when::When};
use perennial_core::Currency;

/// A purchase, or lines of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) place: Place,
    /// The member's external id.
    pub(crate) member: String,
    pub(crate) reference: String,
    pub(crate) when: When,
    /// The program's when the row says none.
    pub(crate) currency: Currency,
    /// What the lines that the row carries add up to, if the row says so. Decimal text, as in
    /// [`Item::amount`].
    pub(crate) total: Option<String>,
    /// At least one.
    pub(crate) items: Vec<Item>,
}

/// A line of a purchase; without a sku, its amount alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Where it is in the row, such as `lines.0`, if the row carries lines.
    pub(crate) path: Option<String>,
    pub(crate) sku: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) quantity: u32,
    /// Decimal text, zero or more; its currency says how many decimals it may have.
    pub(crate) amount: String,
}
