//! Recording purchases, as the operator's shops and tills report them.

use super::cart::{Cart, LineInput};
use super::receipt::Receipt;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::{CurrencyCode, DateTime, Decimal};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::programs::Program;
use perennial_core::purchases::{self, NewPurchase};
use perennial_core::{Actor, Error, Loyalty, Result as CoreResult};

/// A purchase, as the shop reports it.
#[derive(Debug, InputObject)]
pub(crate) struct RecordPurchaseInput {
    /// Who bought.
    member: MemberRefInput,
    /// The shop's own order number. It makes a repeat safe, for ever: with the same arguments it answers the first receipt,
    /// with others it is refused.
    reference: String,
    /// When; the program's now when absent.
    purchased_at: Option<DateTime>,
    /// The program's when absent.
    currency: Option<CurrencyCode>,
    /// May be left out when there are lines, whose sum it is.
    total: Option<Decimal>,
    /// What was bought.
    #[graphql(default)]
    lines: Vec<LineInput>,
}

/// Purchases, in the order to be recorded in.
#[derive(Debug, InputObject)]
pub(crate) struct RecordPurchasesInput {
    /// At most 256.
    purchases: Vec<RecordPurchaseInput>,
}

/// What came of recording a purchase.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordPurchasePayload {
    /// The receipt, when nothing stood against it.
    receipt: Option<Receipt>,
    /// Why nothing was recorded.
    user_errors: Vec<UserError>,
}

/// What came of recording purchases.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordPurchasesPayload {
    /// One for each purchase of the input, in its order.
    results: Vec<RecordPurchasesResult>,
    /// Why nothing was recorded at all.
    user_errors: Vec<UserError>,
}

/// What came of one purchase of many.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordPurchasesResult {
    /// The shop's own order number.
    reference: String,
    /// The receipt, when nothing stood against it.
    receipt: Option<Receipt>,
    /// Why the purchase was not recorded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct PurchaseMutation;

#[Object]
impl PurchaseMutation {
    /// Records a purchase and what it earns. Needs the scope `purchases:write`.
    async fn record_purchase(
        &self,
        ctx: &Context<'_>,
        input: RecordPurchaseInput,
    ) -> Result<RecordPurchasePayload> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let (receipt, user_errors) = split(record(loyalty, actor, program, input).await)?;
        let receipt = receipt.map(|receipt| Receipt::new(program, receipt));
        Ok(RecordPurchasePayload { receipt, user_errors })
    }

    /// Records many purchases, in order; each answers for itself. Needs the scope `purchases:write`.
    async fn record_purchases(
        &self,
        ctx: &Context<'_>,
        input: RecordPurchasesInput,
    ) -> Result<RecordPurchasesPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let recorded = record_many(loyalty, actor, program, input.purchases).await;
        let (results, user_errors) = split(recorded)?;
        Ok(RecordPurchasesPayload { results: results.unwrap_or_default(), user_errors })
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

/// Sends on what can be read, and puts the answers back in the order of the input.
async fn record_many(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    inputs: Vec<RecordPurchaseInput>,
) -> CoreResult<Vec<RecordPurchasesResult>> {
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
    let result = |(reference, read): (String, CoreResult<()>)| {
        RecordPurchasesResult::new(program, reference, read.and_then(|()| next()))
    };
    Ok(read.into_iter().map(result).collect())
}

impl RecordPurchaseInput {
    fn parse(self, program: &Program) -> CoreResult<NewPurchase> {
        let member = self.member.parse()?;
        let cart = Cart { currency: self.currency, total: self.total, lines: self.lines };
        Ok(NewPurchase {
            reference: self.reference,
            purchased_at: self.purchased_at.map(|DateTime(at)| at),
            ..cart.of(program, member)?
        })
    }
}

impl RecordPurchasesResult {
    fn new(program: &Program, reference: String, answer: CoreResult<purchases::Receipt>) -> Self {
        let (receipt, user_errors) = match answer {
            Ok(receipt) => (Some(Receipt::new(program, receipt)), Vec::new()),
            Err(error) => (None, vec![UserError::of_item(error)]),
        };
        Self { reference, receipt, user_errors }
    }
}
