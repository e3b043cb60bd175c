//! Carts and what they would earn.

use super::{Audience, Explanation, Progress, Tier};
use crate::scalars::{Decimal, Points};
use async_graphql::{InputObject, SimpleObject};
use perennial_core::purchases::{self, Line};
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

/// What a purchase would earn now, and where it would leave the member.
#[derive(Debug, SimpleObject)]
pub(crate) struct Quote {
    /// What the purchase would earn.
    points: Points,
    /// The member's tier after it.
    tier_after: Option<Tier>,
    /// The way to the next tier after it.
    progress: Progress,
    /// Why it would earn that.
    explanation: Explanation,
}

impl Quote {
    pub(crate) fn new(audience: &Audience, quote: purchases::Quote) -> Self {
        Self {
            points: quote.points.into(),
            tier_after: quote.standing.tier.as_deref().and_then(|id| audience.tier(id)),
            progress: audience.progress(quote.standing),
            explanation: quote.appraisal.into(),
        }
    }
}

/// An optional amount in minor units; `field` is where it was given.
pub(crate) fn amount(
    currency: Currency,
    amount: Option<&Decimal>,
    field: &str,
) -> Result<Option<i64>> {
    let minor = |Decimal(text): &Decimal| currency.minor_units(text);
    amount.map(minor).transpose().map_err(|error| error.at(field))
}

/// The lines of a purchase, their amounts in minor units.
pub(crate) fn lines(currency: Currency, lines: Vec<LineInput>) -> Result<Vec<Line>> {
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
