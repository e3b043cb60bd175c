//! Purchases in the admin schema: reading them, and quoting a cart for any member. Recording is in
//! `record`.

use super::cart::{Cart, LineInput};
use super::payment::PayWithInput;
use super::purchase::PurchaseFields;
use super::quote::{Quote, QuotePurchasePayload};
use crate::context::RequestContext;
use crate::error::split;
use crate::members::MemberRefInput;
use crate::members::admin::Member;
use crate::programs::Audience;
use crate::scalars::{CurrencyCode, DateTime, Decimal};
use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result};
use perennial_core::programs::Program;
use perennial_core::purchases::PurchaseRef;
use perennial_core::{Actor, Code, Error, Loyalty, Result as CoreResult, Scope, purchases};

/// A purchase that a shop reported.
#[derive(Debug, MergedObject)]
pub(crate) struct Purchase(PurchaseFields, PurchaseOrigin);

impl Purchase {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<purchases::Purchase> for Purchase {
    fn from(purchase: purchases::Purchase) -> Self {
        Self(PurchaseFields::new(&purchase), PurchaseOrigin(Box::new(purchase)))
    }
}

/// The fields of a purchase that only the admin schema shows.
#[derive(Debug)]
pub(crate) struct PurchaseOrigin(Box<purchases::Purchase>);

#[Object]
impl PurchaseOrigin {
    /// The member who made the purchase.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.0.member).await?.map(Member::from))
    }

    /// When the purchase was recorded, according to the server's clock.
    async fn recorded_at(&self) -> DateTime {
        self.0.recorded_at.into()
    }
}

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
    /// Points that are to pay for the cart or a part of it.
    pay_with: Option<PayWithInput>,
}

#[derive(Debug, Default)]
pub(crate) struct PurchaseQuery;

#[Object]
impl PurchaseQuery {
    /// A purchase by `id` or `reference`; give exactly one of them. Null if the purchase does not
    /// exist. Requires the scope `read` or `purchases:write`.
    async fn purchase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The purchase's id.")] id: Option<ID>,
        #[graphql(desc = "The shop's order number.")] reference: Option<String>,
    ) -> Result<Option<Purchase>> {
        let (loyalty, actor) = ctx.caller()?;
        actor.require_any(&[Scope::Read, Scope::PurchasesWrite])?;
        let named = match (id, reference) {
            (Some(id), None) => PurchaseRef::Id(id.parse().map_err(|error: Error| error.at("id"))?),
            (None, Some(reference)) => PurchaseRef::Reference(reference),
            _ => {
                let why = "give either an id or a reference";
                return Err(Error::new(Code::InvalidInput, why).into());
            }
        };
        Ok(loyalty.purchases().find(actor, &named).await?.map(Purchase::from))
    }

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
    let pay_with = input.pay_with.map(PayWithInput::parse).transpose()?;
    loyalty.purchases().quote(actor, &member, &cart.parse(program)?, pay_with).await
}
