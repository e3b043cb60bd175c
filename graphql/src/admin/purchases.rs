//! Recording purchases, and quoting carts for any member.

use super::members::MemberRefInput;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::{CurrencyCode, DateTime, Decimal, Points};
use crate::shared::{
    Audience, Explanation, LineInput, Money, Progress, Quote, Tier, amount, lines,
};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::programs::Program;
use perennial_core::purchases::{self, NewPurchase};
use perennial_core::{Actor, Currency, Error, Loyalty, Result as CoreResult};

/// A purchase, as the shop reports it.
#[derive(Debug, InputObject)]
pub(super) struct RecordPurchaseInput {
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
pub(super) struct RecordPurchasesInput {
    /// At most 256.
    purchases: Vec<RecordPurchaseInput>,
}

/// A cart of a member.
#[derive(Debug, InputObject)]
pub(super) struct QuotePurchaseInput {
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

/// What the recording of a purchase answers, the same at every repeat.
#[derive(Debug, SimpleObject)]
pub(super) struct Receipt {
    /// The purchase's id.
    purchase_id: ID,
    /// The id of the member who bought.
    member_id: ID,
    /// The shop's own order number.
    reference: String,
    /// When it happened.
    purchased_at: DateTime,
    /// What it came to.
    total: Money,
    /// Earned by the purchase itself.
    points_earned: Points,
    /// Earned on top by completing a referral.
    referral_points: Points,
    /// The member's points after all of it.
    balance: Points,
    /// The member's tier after it.
    tier: Option<Tier>,
    /// The way to the next tier after it.
    progress: Progress,
    /// Why it earned that.
    explanation: Explanation,
}

/// What came of recording a purchase.
#[derive(Debug, SimpleObject)]
pub(super) struct RecordPurchasePayload {
    /// The receipt, when nothing stood against it.
    receipt: Option<Receipt>,
    /// Why nothing was recorded.
    user_errors: Vec<UserError>,
}

/// What came of recording purchases.
#[derive(Debug, SimpleObject)]
pub(super) struct RecordPurchasesPayload {
    /// One for each purchase of the input, in its order.
    results: Vec<RecordPurchasesResult>,
    /// Why nothing was recorded at all.
    user_errors: Vec<UserError>,
}

/// What came of one purchase of many.
#[derive(Debug, SimpleObject)]
pub(super) struct RecordPurchasesResult {
    /// The shop's own order number.
    reference: String,
    /// The receipt, when nothing stood against it.
    receipt: Option<Receipt>,
    /// Why the purchase was not recorded.
    user_errors: Vec<UserError>,
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
        let cart = RecordPurchaseInput::from(input).parse(program)?;
        let quote = loyalty.purchases().quote(actor, cart).await?;
        Ok(Quote::new(&Audience::of_program(program), quote))
    }
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
        let currency: Currency =
            self.currency.map_or(program.definition.currency, |CurrencyCode(its)| its);
        Ok(NewPurchase {
            member: self.member.parse()?,
            reference: self.reference,
            purchased_at: self.purchased_at.map(|DateTime(at)| at),
            total_minor: amount(currency, self.total.as_ref(), "total")?,
            lines: lines(currency, self.lines)?,
            currency: Some(currency),
        })
    }
}

impl From<QuotePurchaseInput> for RecordPurchaseInput {
    fn from(cart: QuotePurchaseInput) -> Self {
        Self {
            member: cart.member,
            reference: String::new(),
            purchased_at: None,
            currency: cart.currency,
            total: cart.total,
            lines: cart.lines,
        }
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

impl Receipt {
    fn new(program: &Program, receipt: purchases::Receipt) -> Self {
        let audience = Audience::of_program(program);
        Self {
            purchase_id: receipt.purchase.to_string().into(),
            member_id: receipt.member.to_string().into(),
            reference: receipt.reference,
            purchased_at: receipt.purchased_at.into(),
            total: audience.money(receipt.total_minor),
            points_earned: receipt.points.into(),
            referral_points: receipt.referral_points.into(),
            balance: receipt.balance.into(),
            tier: receipt.standing.tier.as_deref().and_then(|id| audience.tier(id)),
            progress: audience.progress(receipt.standing),
            explanation: receipt.appraisal.into(),
        }
    }
}
