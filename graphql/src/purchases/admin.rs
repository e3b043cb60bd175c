//! Purchases in the admin schema: quoting a cart for any member. Recording is in `record`.

use super::cart::{Cart, LineInput};
use super::quote::Quote;
use crate::context::RequestContext;
use crate::members::MemberRefInput;
use crate::programs::Audience;
use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::{Context, InputObject, Object, Result};

/// A member's cart.
#[derive(Debug, InputObject)]
pub(crate) struct QuotePurchaseInput {
    /// The member whose cart it is.
    member: MemberRefInput,
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
    /// The points that a cart would earn a member now. Recording it as a purchase earns the same.
    /// Requires the scope `read` or `purchases:write`.
    #[graphql(complexity = "50 + child_complexity")]
    async fn quote_purchase(&self, ctx: &Context<'_>, input: QuotePurchaseInput) -> Result<Quote> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let member = input.member.parse()?;
        let cart = Cart { currency: input.currency, total: input.total, lines: input.lines };
        let quote = loyalty.purchases().quote(actor, &member, &cart.parse(program)?).await?;
        Ok(Quote::new(&Audience::of_program(program), quote))
    }
}
