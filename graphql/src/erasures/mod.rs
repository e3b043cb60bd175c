//! Erasures: a member's personal data is taken away for good.

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::member_id;
use crate::scalars::DateTime;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::erasures::Erasure;
use perennial_core::{Actor, Loyalty, Result as CoreResult};

/// A member to erase.
#[derive(Debug, InputObject)]
pub(crate) struct EraseMemberInput {
    /// The member's id. An external id is not accepted: once the member is erased, somebody else may
    /// have it, and repeating the request would erase them.
    member_id: ID,
}

/// Result of erasing a member.
#[derive(Debug, SimpleObject)]
pub(crate) struct EraseMemberPayload {
    /// When the member was erased, according to the program's clock. Null if the request was
    /// refused.
    erased_at: Option<DateTime>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct ErasureMutation;

#[Object]
impl ErasureMutation {
    /// Erases a member, for good: names, addresses, contacts, records, messages, events and all
    /// texts about the member are gone when it returns, open holds are released and the points
    /// expire. The ledger stays, as nobody's. Repeating the request returns the same. Requires the
    /// scope `members:erase`.
    async fn erase_member(
        &self,
        ctx: &Context<'_>,
        input: EraseMemberInput,
    ) -> Result<Option<EraseMemberPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (erased, user_errors) = split(erase(loyalty, actor, &input).await)?;
        let erased_at = erased.map(|erasure| erasure.erased_at.into());
        Ok(Some(EraseMemberPayload { erased_at, user_errors }))
    }
}

async fn erase(loyalty: &Loyalty, actor: &Actor, input: &EraseMemberInput) -> CoreResult<Erasure> {
    loyalty.erasures().erase(actor, member_id(&input.member_id, "memberId")?).await
}
