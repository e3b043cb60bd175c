//! Merging members who turn out to be one, and unmerging those who were not.

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::members::admin::Member;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::merging::{MergeMembers, UnmergeMember};
use perennial_core::{Actor, Loyalty, Result as CoreResult, members};

/// Two members who are one.
#[derive(Debug, InputObject)]
pub(crate) struct MergeMembersInput {
    /// The member who is not to be a member of its own any longer.
    from: MemberRefInput,
    /// The member who stays. If it was merged itself, the one that it was merged into.
    into: MemberRefInput,
    /// Why, for people. 1 to 200 printable characters.
    reason: String,
    /// Unique for each merge of `from`, 1 to 128 printable characters. Repeating a request with the
    /// same key returns the survivor of the first; reusing the key with other arguments is refused.
    idempotency_key: String,
}

/// Result of merging members.
#[derive(Debug, SimpleObject)]
pub(crate) struct MergeMembersPayload {
    /// The survivor. Null if the request was refused.
    member: Option<Member>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// A merged member who is to be one of its own again.
#[derive(Debug, InputObject)]
pub(crate) struct UnmergeMembersInput {
    /// The member who was merged, by its own id or external id.
    member: MemberRefInput,
    /// Why, for people. 1 to 200 printable characters.
    reason: String,
    /// Unique for each unmerge of the member, 1 to 128 printable characters. Repeating a request
    /// with the same key returns the member again and changes nothing; reusing the key with other
    /// arguments is refused.
    idempotency_key: String,
}

/// Result of unmerging members.
#[derive(Debug, SimpleObject)]
pub(crate) struct UnmergeMembersPayload {
    /// The member who is one of its own again. Null if the request was refused.
    member: Option<Member>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct MergingMutation;

#[Object]
impl MergingMutation {
    /// Makes one member another: points, holds, records and statistics become the survivor's, whose
    /// lists show what was recorded of either, and the id and external id of the first mean the
    /// survivor from now on. Its tokens are revoked. Fails with `UNAVAILABLE` while plugins have yet
    /// to receive what happened to the first: send it again. Requires the scopes `members:write` and
    /// `points:adjust`.
    async fn merge_members(
        &self,
        ctx: &Context<'_>,
        input: MergeMembersInput,
    ) -> Result<Option<MergeMembersPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (member, user_errors) = split(merge(loyalty, actor, input).await)?;
        Ok(Some(MergeMembersPayload { member: member.map(Member::from), user_errors }))
    }

    /// Makes a merged member one of its own again. What came from it and is still there goes back:
    /// what remains of its points, its holds, its records, what it has bought and earned, and
    /// whoever was merged into it before. What was spent of its points stays spent, and what was
    /// recorded since the merge stays with the survivor. Requires the scopes `members:write` and
    /// `points:adjust`.
    async fn unmerge_members(
        &self,
        ctx: &Context<'_>,
        input: UnmergeMembersInput,
    ) -> Result<Option<UnmergeMembersPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (member, user_errors) = split(unmerge(loyalty, actor, input).await)?;
        Ok(Some(UnmergeMembersPayload { member: member.map(Member::from), user_errors }))
    }
}

async fn merge(
    loyalty: &Loyalty,
    actor: &Actor,
    input: MergeMembersInput,
) -> CoreResult<members::Member> {
    let request = MergeMembers {
        from: input.from.parse_at("from")?,
        into: input.into.parse_at("into")?,
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.merging().merge(actor, &request).await
}

async fn unmerge(
    loyalty: &Loyalty,
    actor: &Actor,
    input: UnmergeMembersInput,
) -> CoreResult<members::Member> {
    let request = UnmergeMember {
        member: input.member.parse()?,
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.merging().unmerge(actor, &request).await
}
