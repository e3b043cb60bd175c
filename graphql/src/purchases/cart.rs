//! Reading carts: what purchases and quotes of both schemas have in common.

use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::InputObject;
use perennial_core::members::MemberRef;
use perennial_core::programs::Program;
use perennial_core::purchases::{Line, NewPurchase};
use perennial_core::{Currency, Error, Result};

/// A line of a purchase or a cart.
#[derive(Debug, InputObject)]
pub(crate) struct LineInput {
    /// The shop's own key of the product.
    sku: String,
    /// The shop's own category, which earning rules may ask for.
    category: Option<String>,
    /// How many; 1 or more.
    #[graphql(default = 1)]
    quantity: u32,
    /// For the whole line, zero or more.
    amount: Decimal,
}

/// The fields about the cart that an input has. It is not an input object of its own, flattened
/// into the others, because the executor's messages would name a type that no schema has.
#[derive(Debug)]
pub(super) struct Cart {
    pub(super) currency: Option<CurrencyCode>,
    pub(super) total: Option<Decimal>,
    pub(super) lines: Vec<LineInput>,
}

impl Cart {
    /// The cart of a member as a purchase without a reference. Fails with `INVALID_AMOUNT`.
    pub(super) fn of(self, program: &Program, member: MemberRef) -> Result<NewPurchase> {
        let currency = self.currency.map_or(program.definition.currency, |CurrencyCode(its)| its);
        Ok(NewPurchase {
            member,
            reference: String::new(),
            purchased_at: None,
            total_minor: amount(currency, self.total.as_ref(), "total")?,
            lines: lines(currency, self.lines)?,
            currency: Some(currency),
        })
    }
}

/// An optional amount in minor units; `field` is where it was given.
fn amount(currency: Currency, amount: Option<&Decimal>, field: &str) -> Result<Option<i64>> {
    let minor = |Decimal(text): &Decimal| currency.minor_units(text);
    amount.map(minor).transpose().map_err(|error| error.at(field))
}

/// The lines of a purchase, their amounts in minor units.
fn lines(currency: Currency, lines: Vec<LineInput>) -> Result<Vec<Line>> {
    let line = |(index, line): (usize, LineInput)| {
        let at = |error: Error| error.at("amount").at(index.to_string()).at("lines");
        Ok(Line {
            amount_minor: currency.minor_units(&line.amount.0).map_err(at)?,
            sku: line.sku,
            category: line.category,
            quantity: line.quantity,
        })
    };
    lines.into_iter().enumerate().map(line).collect()
}
