//! Reading an order as it is now.

use crate::purchases::{Cart, LineInput};
use crate::returns::PurchaseRefInput;
use crate::scalars::{CurrencyCode, DateTime, Decimal};
use async_graphql::InputObject;
use perennial_core::Result;
use perennial_core::edits::NewEdit;
use perennial_core::programs::Program;

/// An order as it is after it was changed.
#[derive(Debug, InputObject)]
pub(crate) struct EditPurchaseInput {
    /// The purchase that was changed.
    purchase: PurchaseRefInput,
    /// The shop's number of the edit, unique among the purchase's edits permanently, 1 to 128
    /// characters. Repeating a request with the same data returns the first receipt; reusing the
    /// number with other data is refused.
    reference: String,
    /// When the order was changed: not before the purchase or its last edit, and not later than now.
    /// Default: now, according to the program's clock.
    edited_at: Option<DateTime>,
    /// Must be the program's currency, which is the default.
    currency: Option<CurrencyCode>,
    /// What the order costs now. Optional if there are lines: it then defaults to their sum, and must
    /// equal it if given. Zero without lines says that the order was cancelled: whatever is left of it
    /// comes back.
    total: Option<Decimal>,
    /// All lines that the order has now, at most 500, what came back of them included. A line is the
    /// same if product and category are. None for a purchase that was recorded without lines.
    #[graphql(default)]
    lines: Vec<LineInput>,
    /// Why, for people; 1 to 200 characters.
    reason: Option<String>,
}

/// An order as it would be after it is changed.
#[derive(Debug, InputObject)]
pub(crate) struct QuoteEditInput {
    /// The purchase that would be changed.
    purchase: PurchaseRefInput,
    /// Must be the program's currency, which is the default.
    currency: Option<CurrencyCode>,
    /// What the order would cost, as for `editPurchase`.
    total: Option<Decimal>,
    /// All lines that the order would have, at most 500, as for `editPurchase`.
    #[graphql(default)]
    lines: Vec<LineInput>,
}

impl EditPurchaseInput {
    pub(super) fn parse(self, program: &Program) -> Result<NewEdit> {
        let cart = Cart { currency: self.currency, total: self.total, lines: self.lines };
        Ok(NewEdit {
            purchase: self.purchase.parse()?,
            reference: self.reference,
            edited_at: self.edited_at.map(|DateTime(at)| at),
            cart: cart.parse(program)?,
            reason: self.reason,
        })
    }
}

impl QuoteEditInput {
    pub(super) fn parse(self, program: &Program) -> Result<NewEdit> {
        let cart = Cart { currency: self.currency, total: self.total, lines: self.lines };
        Ok(NewEdit {
            purchase: self.purchase.parse()?,
            reference: String::new(),
            edited_at: None,
            cart: cart.parse(program)?,
            reason: None,
        })
    }
}
