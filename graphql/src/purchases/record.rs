//! Recording purchases, as the operator's shops and tills report them.

use super::cart::{Cart, LineInput};
use super::payment::PayWithInput;
use super::receipt::Receipt;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::programs::Audience;
use crate::scalars::{CurrencyCode, DateTime, Decimal};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::programs::Program;
use perennial_core::purchases::{self, NewPurchase};
use perennial_core::{Actor, Error, Loyalty, Result as CoreResult};

/// A purchase to record.
#[derive(Debug, InputObject)]
pub(crate) struct RecordPurchaseInput {
    /// The member who made the purchase.
    member: MemberRefInput,
    /// The shop's order number, unique in the program permanently, 1 to 128 characters. Repeating a
    /// request with the same data returns the first receipt; reusing the number with other data is
    /// refused.
    reference: String,
    /// When the purchase was made, not later than now. Default: now, according to the program's
    /// clock.
    purchased_at: Option<DateTime>,
    /// Must be the program's currency, which is the default.
    currency: Option<CurrencyCode>,
    /// Total amount, zero or more. Optional if there are lines: it then defaults to their sum, and
    /// must equal it if given.
    total: Option<Decimal>,
    /// The lines of the purchase, at most 500.
    #[graphql(default)]
    lines: Vec<LineInput>,
    /// Points that pay for the purchase or a part of it. The total stays what the goods cost; what
    /// points pay of it earns nothing.
    pay_with: Option<PayWithInput>,
}

/// Purchases to record, in this order.
#[derive(Debug, InputObject)]
pub(crate) struct RecordPurchasesInput {
    /// The purchases to record, at most 256.
    purchases: Vec<RecordPurchaseInput>,
}

/// Result of recording a purchase.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordPurchasePayload {
    /// The receipt. Null if the request was refused.
    receipt: Option<Receipt>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of recording purchases.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordPurchasesPayload {
    /// One result for each purchase of the input, in the same order.
    results: Vec<RecordPurchasesResult>,
    /// Why the request as a whole was refused; empty if each purchase has its own result.
    user_errors: Vec<UserError>,
}

/// Result of recording one of several purchases.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordPurchasesResult {
    /// The reference from the input.
    reference: String,
    /// The receipt. Null if the purchase was not recorded.
    receipt: Option<Receipt>,
    /// Why the purchase was not recorded; empty if it was.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct PurchaseMutation;

#[Object]
impl PurchaseMutation {
    /// Records a purchase and the points that it earns. Requires the scope `purchases:write`.
    async fn record_purchase(
        &self,
        ctx: &Context<'_>,
        input: RecordPurchaseInput,
    ) -> Result<Option<RecordPurchasePayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let (receipt, user_errors) = split(record(loyalty, actor, program, input).await)?;
        let receipt = receipt.map(|receipt| Receipt::new(&Audience::new(ctx, program), receipt));
        Ok(Some(RecordPurchasePayload { receipt, user_errors }))
    }

    /// Records several purchases in order. Each succeeds or fails on its own. Requires the scope
    /// `purchases:write`.
    async fn record_purchases(
        &self,
        ctx: &Context<'_>,
        input: RecordPurchasesInput,
    ) -> Result<Option<RecordPurchasesPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let recorded = record_many(loyalty, actor, program, input.purchases).await;
        let (recorded, user_errors) = split(recorded)?;
        let audience = Audience::new(ctx, program);
        let result = |(reference, answer)| RecordPurchasesResult::new(&audience, reference, answer);
        let results = recorded.unwrap_or_default().into_iter().map(result).collect();
        Ok(Some(RecordPurchasesPayload { results, user_errors }))
    }
}

async fn record(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    input: RecordPurchaseInput,
) -> CoreResult<purchases::Receipt> {
    loyalty.purchases().record(actor, input.parse(program)?).await
}

/// Records the purchases that can be read, and returns for each its reference and what came of it,
/// in the order of the input.
async fn record_many(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    inputs: Vec<RecordPurchaseInput>,
) -> CoreResult<Vec<(String, CoreResult<purchases::Receipt>)>> {
    let (mut sound, mut read) = (Vec::new(), Vec::new());
    for input in inputs {
        let reference = input.reference.clone();
        let parsed = input.parse(program).map(|purchase| sound.push(purchase));
        read.push((reference, parsed));
    }
    let mut answers = loyalty.purchases().record_many(actor, sound).await?.into_iter();
    let mut next = || {
        let lost = || Err(Error::internal("a purchase of a batch has no answer"));
        answers.next().unwrap_or_else(lost)
    };
    let answer =
        |(reference, read): (String, CoreResult<()>)| (reference, read.and_then(|()| next()));
    Ok(read.into_iter().map(answer).collect())
}

impl RecordPurchaseInput {
    fn parse(self, program: &Program) -> CoreResult<NewPurchase> {
        let cart = Cart { currency: self.currency, total: self.total, lines: self.lines };
        Ok(NewPurchase {
            pay_with: self.pay_with.map(PayWithInput::parse).transpose()?,
            member: self.member.parse()?,
            reference: self.reference,
            purchased_at: self.purchased_at.map(|DateTime(at)| at),
            cart: cart.parse(program)?,
        })
    }
}

impl RecordPurchasesResult {
    fn new(audience: &Audience, reference: String, answer: CoreResult<purchases::Receipt>) -> Self {
        let (receipt, user_errors) = match answer {
            Ok(receipt) => (Some(Receipt::new(audience, receipt)), Vec::new()),
            Err(error) => (None, vec![UserError::of_item(error)]),
        };
        Self { reference, receipt, user_errors }
    }
}
