//! Edits: recording an order that was changed, in the admin schema, and showing how, in both.

mod input;
mod receipt;
mod shown;

pub(crate) use shown::PurchaseEdit;

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::programs::Audience;
use async_graphql::{Context, Object, Result, SimpleObject};
use input::{EditPurchaseInput, QuoteEditInput};
use perennial_core::programs::Program;
use perennial_core::{Actor, Loyalty, Result as CoreResult, edits};
use receipt::{EditQuote, EditReceipt};

/// Result of recording an edit.
#[derive(Debug, SimpleObject)]
pub(crate) struct EditPurchasePayload {
    /// What was changed and what followed from it. Null if the request was refused.
    receipt: Option<EditReceipt>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of quoting an edit.
#[derive(Debug, SimpleObject)]
pub(crate) struct QuoteEditPayload {
    /// The quote. Null if the request was refused.
    quote: Option<EditQuote>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct EditQuery;

#[Object]
impl EditQuery {
    /// What an edit of a purchase would do now. Recording it does the same. Requires the scope `read`
    /// or `purchases:write`.
    #[graphql(complexity = "50 + child_complexity")]
    async fn quote_edit(
        &self,
        ctx: &Context<'_>,
        input: QuoteEditInput,
    ) -> Result<Option<QuoteEditPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let (quote, user_errors) = split(quote(loyalty, actor, program, input).await)?;
        let quote = quote.map(|quote| EditQuote::new(&Audience::new(ctx, program), quote));
        Ok(Some(QuoteEditPayload { quote, user_errors }))
    }
}

#[derive(Debug, Default)]
pub(crate) struct EditMutation;

#[Object]
impl EditMutation {
    /// Records an order as it is after it was changed, and books the difference. What was taken away
    /// gives back what it had earned, like a return; what was added earns what the order gives more by
    /// it, as of the day of the order; the rest keeps what it has. It stays one purchase. A purchase can be edited
    /// any number of times, and parts of it can be returned before and after. Requires the scope
    /// `purchases:write`.
    async fn edit_purchase(
        &self,
        ctx: &Context<'_>,
        input: EditPurchaseInput,
    ) -> Result<Option<EditPurchasePayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let (receipt, user_errors) = split(edit(loyalty, actor, program, input).await)?;
        let receipt = receipt.map(|one| EditReceipt::new(&Audience::new(ctx, program), one));
        Ok(Some(EditPurchasePayload { receipt, user_errors }))
    }
}

async fn edit(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    input: EditPurchaseInput,
) -> CoreResult<edits::EditReceipt> {
    loyalty.edits().record(actor, input.parse(program)?).await
}

async fn quote(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    input: QuoteEditInput,
) -> CoreResult<edits::EditReceipt> {
    loyalty.edits().quote(actor, &input.parse(program)?).await
}
