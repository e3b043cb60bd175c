//! Purchases in the admin schema: quoting a cart for any member. Recording is in `record`.

use super::cart::{Cart, LineInput};
use super::quote::{Quote, QuotePurchasePayload};
use crate::context::RequestContext;
use crate::error::split;
use crate::members::MemberRefInput;
use crate::programs::Audience;
use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::{Context, InputObject, Object, Result};
use perennial_core::programs::Program;
use perennial_core::{Actor, Loyalty, Result as CoreResult, purchases};

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
    async fn quote_purchase(
        &self,
        ctx: &Context<'_>,
        input: QuotePurchaseInput,
    ) -> Result<Option<QuotePurchasePayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let (quote, user_errors) = split(quote(loyalty, actor, program, input).await)?;
        let quote = quote.map(|quote| Quote::new(&Audience::new(ctx, program), quote));
        Ok(Some(QuotePurchasePayload { quote, user_errors }))
    }
}

async fn quote(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    input: QuotePurchaseInput,
) -> CoreResult<purchases::Quote> {
    let member = input.member.parse()?;
    let cart = Cart { currency: input.currency, total: input.total, lines: input.lines };
    loyalty.purchases().quote(actor, &member, &cart.parse(program)?).await
}
