//! Purchases in the admin schema: quoting a cart for any member. `record` has the rest.

use super::cart::{Cart, LineInput};
use super::quote::Quote;
use crate::context::RequestContext;
use crate::members::MemberRefInput;
use crate::programs::Audience;
use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::{Context, InputObject, Object, Result};
use perennial_core::Result as CoreResult;
use perennial_core::programs::Program;
use perennial_core::purchases::NewPurchase;

/// A cart of a member.
#[derive(Debug, InputObject)]
pub(crate) struct QuotePurchaseInput {
    /// Whose cart it is.
    member: MemberRefInput,
    /// The program's when absent.
    currency: Option<CurrencyCode>,
    /// May be left out when there are lines, whose sum it is.
    total: Option<Decimal>,
    /// What is in the cart.
    #[graphql(default)]
    lines: Vec<LineInput>,
}

#[derive(Debug, Default)]
pub(crate) struct PurchaseQuery;

#[Object]
impl PurchaseQuery {
    /// What a cart would earn a member now. The purchase itself earns the same.
    #[graphql(complexity = "50 + child_complexity")]
    async fn quote_purchase(&self, ctx: &Context<'_>, input: QuotePurchaseInput) -> Result<Quote> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let quote = loyalty.purchases().quote(actor, input.parse(program)?).await?;
        Ok(Quote::new(&Audience::of_program(program), quote))
    }
}

impl QuotePurchaseInput {
    fn parse(self, program: &Program) -> CoreResult<NewPurchase> {
        let member = self.member.parse()?;
        Cart { currency: self.currency, total: self.total, lines: self.lines }.of(program, member)
    }
}
