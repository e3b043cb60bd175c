//! Returns: recording what of a purchase came back, in the admin schema, and showing it in both.

mod input;
mod receipt;
mod shown;

pub(crate) use input::PurchaseRefInput;
pub(crate) use receipt::RefundedTo;
pub(crate) use shown::{Return, ReturnedLine};

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::programs::Audience;
use async_graphql::{Context, Object, Result, SimpleObject};
use input::RecordReturnInput;
use perennial_core::programs::Program;
use perennial_core::{Actor, Loyalty, Result as CoreResult, returns};
use receipt::ReturnReceipt;

/// Result of recording a return.
#[derive(Debug, SimpleObject)]
pub(crate) struct RecordReturnPayload {
    /// What came back and what followed from it. Null if the request was refused.
    receipt: Option<ReturnReceipt>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct ReturnMutation;

#[Object]
impl ReturnMutation {
    /// Records that something of a purchase came back, or all of it, as when an order is cancelled.
    /// What it had earned is taken back: out of the points that the purchase brought, then out of
    /// the member's others, and, as far as the program allows, out of what the member earns next.
    /// Statistics, the tier and a referral that the purchase completed follow. A purchase can be
    /// returned in any number of parts. Requires the scope `purchases:write`.
    async fn record_return(
        &self,
        ctx: &Context<'_>,
        input: RecordReturnInput,
    ) -> Result<Option<RecordReturnPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let program = &ctx.session()?.program;
        let (receipt, user_errors) = split(record(loyalty, actor, program, input).await)?;
        let audience = Audience::new(ctx, program);
        let receipt = receipt.map(|receipt| ReturnReceipt::new(&audience, receipt));
        Ok(Some(RecordReturnPayload { receipt, user_errors }))
    }
}

async fn record(
    loyalty: &Loyalty,
    actor: &Actor,
    program: &Program,
    input: RecordReturnInput,
) -> CoreResult<returns::ReturnReceipt> {
    loyalty.returns().record(actor, input.parse(program)?).await
}
