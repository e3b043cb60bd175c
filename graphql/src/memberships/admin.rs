//! Memberships in the admin schema, from both ends.

use super::Accrual;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::members::admin::Member;
use crate::nodes::GlobalId;
use crate::scalars::DateTime;
use async_graphql::{Context, ID, Object, Result};
use perennial_core::MemberId;
use perennial_core::memberships::{self, Of};

#[derive(Debug)]
pub(crate) struct Membership(memberships::Membership);

impl From<memberships::Membership> for Membership {
    fn from(membership: memberships::Membership) -> Self {
        Self(membership)
    }
}

/// That a person belongs to a group, or did.
#[Object]
impl Membership {
    /// The membership's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Membership(self.0.id).into()
    }

    /// The group: an organization or a household.
    async fn group(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.0.group_id).await?.map(Member::from))
    }

    /// The person.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.0.person_id).await?.map(Member::from))
    }

    /// Whose account gets what the person's purchases earn.
    async fn accrual(&self) -> Accrual {
        self.0.accrual.into()
    }

    /// Whether the person may spend the group's points.
    async fn may_spend(&self) -> bool {
        self.0.may_spend
    }

    /// Since when the person belongs to the group, according to the program's clock.
    async fn joined_at(&self) -> DateTime {
        self.0.joined_at.into()
    }

    /// When the membership ended. Null while the person belongs to the group.
    async fn left_at(&self) -> Option<DateTime> {
        self.0.left_at.map(DateTime::from)
    }
}

/// The groups and the people of a member.
#[derive(Debug)]
pub(crate) struct MemberMemberships(pub(crate) MemberId);

#[Object]
impl MemberMemberships {
    /// Groups that the person belongs to, the last joined first. Empty for a group.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Whether memberships that ended are included.")] ended: bool,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Membership>>> {
        list(ctx, Of::Person(self.0), ended, (first, after.as_deref())).await.map(Some)
    }

    /// People who belong to the group, the last joined first. Empty for a person.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Whether memberships that ended are included.")] ended: bool,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Membership>>> {
        list(ctx, Of::Group(self.0), ended, (first, after.as_deref())).await.map(Some)
    }
}

async fn list(
    ctx: &Context<'_>,
    of: Of,
    ended: bool,
    (first, after): (u32, Option<&str>),
) -> Result<Connection<Membership>> {
    let (loyalty, actor) = ctx.caller()?;
    let found = loyalty.memberships().list(actor, of, ended, page(first, after)?).await?;
    Ok(connection(found, after, |one| one.id, Membership::from))
}
