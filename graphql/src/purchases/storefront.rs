//! Purchases in the storefront schema: quoting the member's cart.

use super::cart::{Cart, LineInput};
use super::quote::Quote;
use crate::context::RequestContext;
use crate::programs::Audience;
use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::{Context, InputObject, Object, Result};
use perennial_core::members::MemberRef;

/// A cart.
#[derive(Debug, InputObject)]
pub(crate) struct QuotePurchaseInput {
    /// Must be the program's currency, which is the default.
    currency: Option<CurrencyCode>,
    /// Total amount, zero or more. Optional if there are lines: it then defaults to their sum, and
    /// must equal it if given.
    total: Option<Decimal>,
    /// The lines of the cart, at most 500.
    #[graphql(default)]
    lines: Vec<LineInput>,
}

#[derive(Debug, Default)]
pub(crate) struct PurchaseQuery;

#[Object]
impl PurchaseQuery {
    /// The points that a cart would earn the member now. Recording it as a purchase earns the same.
    #[graphql(complexity = "50 + child_complexity")]
    async fn quote_purchase(&self, ctx: &Context<'_>, input: QuotePurchaseInput) -> Result<Quote> {
        let (loyalty, actor) = ctx.caller()?;
        let session = ctx.session()?;
        let member = MemberRef::Id(session.member()?);
        let cart = Cart { currency: input.currency, total: input.total, lines: input.lines };
        let cart = cart.parse(&session.program)?;
        let quote = loyalty.purchases().quote(actor, &member, &cart).await?;
        Ok(Quote::new(&Audience::new(&session.program, &quote.locale), quote))
    }
}
