//! Reading carts: what purchases and quotes of both schemas have in common.

use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::InputObject;
use perennial_core::programs::Program;
use perennial_core::purchases::{self, Line};
use perennial_core::{Currency, Error, Result};

/// A line of a purchase or a cart.
#[derive(Debug, InputObject)]
pub(crate) struct LineInput {
    /// The product's identifier in the shop, 1 to 128 characters.
    sku: String,
    /// The product's category in the shop, 1 to 128 characters. Earning rules can refer to it.
    category: Option<String>,
    /// The number of items, 1 or more.
    #[graphql(default = 1)]
    quantity: i32,
    /// The amount of the whole line, not of one item; zero or more.
    amount: Decimal,
}

/// The cart fields of an input. This is not an input object that the others flatten, because the
/// executor's error messages would then name a type that neither schema has.
#[derive(Debug)]
pub(crate) struct Cart {
    pub(crate) currency: Option<CurrencyCode>,
    pub(crate) total: Option<Decimal>,
    pub(crate) lines: Vec<LineInput>,
}

impl Cart {
    /// The cart in minor units of its currency. Fails with `INVALID_AMOUNT`.
    pub(crate) fn parse(self, program: &Program) -> Result<purchases::Cart> {
        let currency = self.currency.map_or(program.definition.currency, |CurrencyCode(its)| its);
        Ok(purchases::Cart {
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
            // What is below zero is refused as zero is, with the field.
            quantity: u32::try_from(line.quantity).unwrap_or_default(),
        })
    };
    lines.into_iter().enumerate().map(line).collect()
}
