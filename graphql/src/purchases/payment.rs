//! Paying for purchases with points, in both schemas.

use crate::money::Money;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::scalars::Points;
use async_graphql::{ID, OneofObject, SimpleObject};
use perennial_core::purchases::{self, PayWith};
use perennial_core::{Currency, Error, Result};

/// Points that pay for a purchase or a part of it; exactly one of these. What they are worth, and
/// how many of them pay, the program file says.
#[derive(Debug, OneofObject)]
pub(crate) enum PayWithInput {
    /// So many of the program's main points.
    Points(Points),
    /// All that the hold with this id has reserved, which is captured with the purchase.
    HoldId(ID),
}

/// What of a purchase points have paid.
#[derive(Debug, SimpleObject)]
pub(crate) struct Payment {
    /// The number of points.
    points: Points,
    /// What they were worth: so much less was paid in money. It earns nothing.
    amount: Money,
    /// The id of the transaction by which they were spent.
    transaction_id: ID,
}

/// How points could pay for a cart.
#[derive(Debug, SimpleObject)]
pub(crate) struct QuotedPayment {
    /// The most points that could pay for the cart now. Zero if the balance or the cart is too
    /// small.
    max_points: Points,
    /// What these are worth.
    max_amount: Money,
    /// The points that the request asks to pay with. Null if it asks for none.
    points: Option<Points>,
    /// What these are worth: so much less is to be paid in money.
    amount: Option<Money>,
}

impl PayWithInput {
    pub(super) fn parse(self) -> Result<PayWith> {
        match self {
            Self::Points(Points(points)) => Ok(PayWith::Points(points)),
            Self::HoldId(id) => {
                let at = |error: Error| error.at("holdId").at("payWith");
                id.parse().map(PayWith::Hold).map_err(at)
            }
        }
    }
}

impl Payment {
    pub(super) fn new(currency: Currency, paid: purchases::Paid) -> Self {
        Self {
            points: paid.points.into(),
            amount: Money::new(currency, paid.amount_minor),
            transaction_id: GlobalId::Transaction(paid.transaction).into(),
        }
    }
}

impl QuotedPayment {
    pub(super) fn new(audience: &Audience, quote: purchases::PaymentQuote) -> Self {
        Self {
            max_points: quote.most.into(),
            max_amount: audience.money(quote.most_minor),
            points: quote.paid.map(|(points, _)| points.into()),
            amount: quote.paid.map(|(_, minor)| audience.money(minor)),
        }
    }
}
