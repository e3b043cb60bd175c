//! What a cart would earn.

use crate::context::RequestContext;
use crate::scalars::{CurrencyCode, Decimal};
use crate::shared::{Audience, LineInput, Quote, amount, lines};
use async_graphql::{Context, InputObject, Object, Result};
use perennial_core::members::MemberRef;
use perennial_core::programs::Program;
use perennial_core::purchases::NewPurchase;
use perennial_core::{MemberId, Result as CoreResult};

/// A cart.
#[derive(Debug, InputObject)]
pub(super) struct QuotePurchaseInput {
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
    /// What a cart would earn the member now. The purchase itself earns the same.
    #[graphql(complexity = "50 + child_complexity")]
    async fn quote_purchase(&self, ctx: &Context<'_>, input: QuotePurchaseInput) -> Result<Quote> {
        let (loyalty, actor) = ctx.caller()?;
        let session = ctx.session()?;
        let member = loyalty.members().get(actor, session.member()?).await?;
        let cart = input.cart(&session.program, member.id)?;
        let quote = loyalty.purchases().quote(actor, cart).await?;
        Ok(Quote::new(&Audience::new(&session.program, &member.locale), quote))
    }
}

impl QuotePurchaseInput {
    fn cart(self, program: &Program, member: MemberId) -> CoreResult<NewPurchase> {
        let currency = self.currency.map_or(program.definition.currency, |CurrencyCode(its)| its);
        Ok(NewPurchase {
            member: MemberRef::Id(member),
            reference: String::new(),
            purchased_at: None,
            total_minor: amount(currency, self.total.as_ref(), "total")?,
            lines: lines(currency, self.lines)?,
            currency: Some(currency),
        })
    }
}
