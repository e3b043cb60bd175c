//! Amounts of money.

use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::SimpleObject;
use perennial_core::Currency;

/// An amount of money.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Money {
    /// The amount with all decimal places of the currency, such as `29.30`.
    amount: Decimal,
    /// The currency of the amount.
    currency: CurrencyCode,
}

impl Money {
    pub(crate) fn new(currency: Currency, minor: i64) -> Self {
        Self { amount: Decimal(currency.decimal(minor)), currency: CurrencyCode(currency) }
    }
}
