//! Joining a group, changing the terms, and leaving it.

use super::Accrual;
use super::admin::Membership;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::DateTime;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::memberships::{self, ChangeMembership, JoinGroup, LeaveGroup};
use perennial_core::{Actor, Loyalty, Result as CoreResult};

/// A person who is to belong to a group.
#[derive(Debug, InputObject)]
pub(crate) struct JoinGroupInput {
    /// The group: a member who is an organization or a household.
    group: MemberRefInput,
    /// The person, who belongs to at most 10 groups at a time.
    person: MemberRefInput,
    /// Whose account gets what the person's purchases earn from now on. A person accrues to at most
    /// one group.
    accrual: Accrual,
    /// Whether the person may spend the group's points.
    #[graphql(default)]
    may_spend: bool,
    /// Since when the person belongs to the group, not later than now: purchases that were made
    /// since, and are recorded from now on, accrue accordingly. Of a membership that holds, an
    /// earlier instant puts right since when. Default: now, according to the program's clock.
    joined_at: Option<DateTime>,
}

/// Other terms on which a person belongs to a group.
#[derive(Debug, InputObject)]
pub(crate) struct ChangeMembershipInput {
    /// The group.
    group: MemberRefInput,
    /// The person.
    person: MemberRefInput,
    /// Whose account gets what the person's purchases earn that are made from now on. Default: as
    /// before.
    accrual: Option<Accrual>,
    /// Whether the person may spend the group's points. Default: as before.
    may_spend: Option<bool>,
}

/// A person who is to belong to a group no longer.
#[derive(Debug, InputObject)]
pub(crate) struct LeaveGroupInput {
    /// The group.
    group: MemberRefInput,
    /// The person.
    person: MemberRefInput,
}

/// Result of joining a group.
#[derive(Debug, SimpleObject)]
pub(crate) struct JoinGroupPayload {
    /// The membership. Null if the request was refused.
    membership: Option<Membership>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of changing a membership.
#[derive(Debug, SimpleObject)]
pub(crate) struct ChangeMembershipPayload {
    /// The membership. Null if the request was refused.
    membership: Option<Membership>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of leaving a group.
#[derive(Debug, SimpleObject)]
pub(crate) struct LeaveGroupPayload {
    /// The membership, which has ended. Null if the request was refused.
    membership: Option<Membership>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct MembershipMutation;

#[Object]
impl MembershipMutation {
    /// Lets a person belong to a group. Repeating the request returns the same membership, with an
    /// earlier `joinedAt` it begins earlier; one on other terms is refused. Who has left can join
    /// again. Requires the scope `members:write`.
    async fn join_group(
        &self,
        ctx: &Context<'_>,
        input: JoinGroupInput,
    ) -> Result<Option<JoinGroupPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (joined, user_errors) = split(join(loyalty, actor, input).await)?;
        Ok(Some(JoinGroupPayload { membership: joined.map(Membership::from), user_errors }))
    }

    /// Changes on which terms a person belongs to a group. Requires the scope `members:write`.
    async fn change_membership(
        &self,
        ctx: &Context<'_>,
        input: ChangeMembershipInput,
    ) -> Result<Option<ChangeMembershipPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (changed, user_errors) = split(change(loyalty, actor, input).await)?;
        Ok(Some(ChangeMembershipPayload { membership: changed.map(Membership::from), user_errors }))
    }

    /// Lets a person belong to a group no longer. What the person's purchases brought the group
    /// stays the group's, and is taken back from it if they are returned. Repeating the request
    /// returns the same. Requires the scope `members:write`.
    async fn leave_group(
        &self,
        ctx: &Context<'_>,
        input: LeaveGroupInput,
    ) -> Result<Option<LeaveGroupPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (left, user_errors) = split(leave(loyalty, actor, input).await)?;
        Ok(Some(LeaveGroupPayload { membership: left.map(Membership::from), user_errors }))
    }
}

async fn join(
    loyalty: &Loyalty,
    actor: &Actor,
    input: JoinGroupInput,
) -> CoreResult<memberships::Membership> {
    let request = JoinGroup {
        group: input.group.parse_at("group")?,
        person: input.person.parse_at("person")?,
        accrual: input.accrual.into(),
        may_spend: input.may_spend,
        joined_at: input.joined_at.map(|DateTime(at)| at),
    };
    loyalty.memberships().join(actor, &request).await
}

async fn change(
    loyalty: &Loyalty,
    actor: &Actor,
    input: ChangeMembershipInput,
) -> CoreResult<memberships::Membership> {
    let request = ChangeMembership {
        group: input.group.parse_at("group")?,
        person: input.person.parse_at("person")?,
        accrual: input.accrual.map(memberships::Accrual::from),
        may_spend: input.may_spend,
    };
    loyalty.memberships().change(actor, &request).await
}

async fn leave(
    loyalty: &Loyalty,
    actor: &Actor,
    input: LeaveGroupInput,
) -> CoreResult<memberships::Membership> {
    let request = LeaveGroup {
        group: input.group.parse_at("group")?,
        person: input.person.parse_at("person")?,
    };
    loyalty.memberships().leave(actor, &request).await
}
