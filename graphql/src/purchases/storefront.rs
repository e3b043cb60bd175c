//! Purchases in the storefront schema: the member's own, and quoting the member's cart.

use super::cart::{Cart, LineInput};
use super::payment::PayWithInput;
use super::purchase::PurchaseFields;
use super::quote::{Quote, QuotePurchasePayload};
use crate::auth::Session;
use crate::context::RequestContext;
use crate::error::split;
use crate::programs::Audience;
use crate::scalars::{CurrencyCode, Decimal};
use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result};
use perennial_core::members::MemberRef;
use perennial_core::{Loyalty, Result as CoreResult, purchases};

/// A purchase of the member.
#[derive(Debug, MergedObject)]
pub(crate) struct Purchase(PurchaseFields);

impl Purchase {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<purchases::Purchase> for Purchase {
    fn from(purchase: purchases::Purchase) -> Self {
        Self(PurchaseFields::new(&purchase))
    }
}

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
    /// Points that are to pay for the cart or a part of it.
    pay_with: Option<PayWithInput>,
}

#[derive(Debug, Default)]
pub(crate) struct PurchaseQuery;

#[Object]
impl PurchaseQuery {
    /// The points that a cart would earn the member now. Recording it as a purchase earns the same.
    #[graphql(complexity = "50 + child_complexity")]
    async fn quote_purchase(
        &self,
        ctx: &Context<'_>,
        input: QuotePurchaseInput,
    ) -> Result<Option<QuotePurchasePayload>> {
        let session = ctx.session()?;
        let (quote, user_errors) = split(quote(ctx.loyalty(), session, input).await)?;
        let quote = quote.map(|quote| Quote::new(&Audience::new(ctx, &session.program), quote));
        Ok(Some(QuotePurchasePayload { quote, user_errors }))
    }
}

async fn quote(
    loyalty: &Loyalty,
    session: &Session,
    input: QuotePurchaseInput,
) -> CoreResult<purchases::Quote> {
    let member = MemberRef::Id(session.member()?);
    let cart = Cart { currency: input.currency, total: input.total, lines: input.lines };
    let cart = cart.parse(&session.program)?;
    let pay_with = input.pay_with.map(PayWithInput::parse).transpose()?;
    loyalty.purchases().quote(&session.actor, &member, &cart, pay_with).await
}
