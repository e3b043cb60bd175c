//! Memberships in the storefront schema: the groups of the member whose token it is. Nobody sees who
//! else belongs to them.

use super::Accrual;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::ledger::storefront::Transaction;
use crate::ledger::{Balance, Wallet};
use crate::members::MemberKind;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::scalars::DateTime;
use crate::tiers::Tier;
use async_graphql::{Context, ID, Object, Result};
use perennial_core::memberships::OwnGroup;

#[derive(Debug)]
pub(crate) struct Group(OwnGroup);

/// A group that the member belongs to: a household, or a company with its people.
#[Object]
impl Group {
    /// The group's id, for use with `redeemReward`.
    async fn member_id(&self) -> ID {
        GlobalId::Member(self.0.group.member.id).into()
    }

    /// The group's display name.
    async fn name(&self) -> &str {
        &self.0.group.member.name
    }

    /// Whether the group is an organization or a household.
    async fn kind(&self) -> MemberKind {
        self.0.group.member.kind.into()
    }

    /// Whose account gets what the member's purchases earn.
    async fn accrual(&self) -> Accrual {
        self.0.membership.accrual.into()
    }

    /// Whether the member may spend the group's points.
    async fn may_spend(&self) -> bool {
        self.0.membership.may_spend
    }

    /// Since when the member belongs to the group.
    async fn joined_at(&self) -> DateTime {
        self.0.membership.joined_at.into()
    }

    /// The program's main points that the group has.
    async fn balance(&self) -> Balance {
        self.0.group.balance().into()
    }

    /// What the group has of each type of points, the program's main points first.
    async fn wallets(&self, ctx: &Context<'_>) -> Result<Vec<Wallet>> {
        let audience = Audience::of_session(ctx)?;
        Ok(self.0.group.wallets.iter().map(|wallet| Wallet::new(&audience, wallet)).collect())
    }

    /// The group's tier. Null below the first tier.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<Tier>> {
        let audience = Audience::of_session(ctx)?;
        Ok(self.0.group.standing.tier.as_deref().and_then(|id| Tier::find(&audience, id)))
    }

    /// Transactions of the group, newest first. Null unless the member may spend its points.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Transaction>>> {
        if !self.0.membership.may_spend {
            return Ok(None);
        }
        let (loyalty, actor) = ctx.caller()?;
        let (group, page) = (self.0.membership.group_id, page(first, after.as_deref())?);
        let found = loyalty.memberships().transactions(actor, group, page).await?;
        Ok(Some(connection(found, after.as_deref(), |one| one.id, Transaction::from)))
    }
}

/// The groups of the member.
#[derive(Debug)]
pub(crate) struct MemberGroups;

#[Object]
impl MemberGroups {
    /// The groups that the member belongs to, at most 10; the first joined first. Empty for a group.
    #[graphql(complexity = "crate::admission::list_cost(10, child_complexity)")]
    async fn groups(&self, ctx: &Context<'_>) -> Result<Vec<Group>> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(loyalty.memberships().own(actor).await?.into_iter().map(Group).collect())
    }
}
