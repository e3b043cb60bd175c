//! Tagging members.

use super::MemberRefInput;
use super::admin::Member;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::members::TagMember;
use perennial_core::{Actor, Loyalty, members};

/// Tags to put on a member, and to take away.
#[derive(Debug, InputObject)]
pub(crate) struct TagMemberInput {
    /// The member.
    member: MemberRefInput,
    /// Tags that the member has from now on, at most 20: lower-case letters, digits and hyphens, such as
    /// `vip`, at most 64 characters.
    #[graphql(default)]
    add: Vec<String>,
    /// Tags that the member has no longer, at most 20.
    #[graphql(default)]
    remove: Vec<String>,
}

/// Result of tagging a member.
#[derive(Debug, SimpleObject)]
pub(crate) struct TagMemberPayload {
    /// The member. Null if the request was refused.
    member: Option<Member>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct TagMutation;

#[Object]
impl TagMutation {
    /// Puts tags on a member and takes some away. What the member has already, or has not, changes
    /// nothing; a member has at most 100. Requires the scope `members:write`.
    async fn tag_member(
        &self,
        ctx: &Context<'_>,
        input: TagMemberInput,
    ) -> Result<Option<TagMemberPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (member, user_errors) = split(tag(loyalty, actor, input).await)?;
        Ok(Some(TagMemberPayload { member: member.map(Member::from), user_errors }))
    }
}

async fn tag(
    loyalty: &Loyalty,
    actor: &Actor,
    input: TagMemberInput,
) -> perennial_core::Result<members::Member> {
    let request = TagMember {
        member: input.member.parse()?,
        add: input.add.into_iter().collect(),
        remove: input.remove.into_iter().collect(),
    };
    loyalty.members().tag(actor, &request).await
}
