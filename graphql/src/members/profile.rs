//! What both schemas show of a member.

use super::{Contact, Statistics};
use crate::context::RequestContext;
use crate::ledger::Balance;
use crate::loaders::{BalanceOf, ContactsOf, StandingOf};
use crate::plugins::PluginView;
use crate::programs::Audience;
use crate::scalars::{DateTime, LanguageTag};
use crate::tiers::{Progress, Tier};
use async_graphql::{Context, Enum, ID, Object, Result};
use perennial_core::Error;
use perennial_core::members::{self, Member, Standing};
use perennial_core::purchases::TierStanding;

/// The kind of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "members::MemberKind")]
pub(crate) enum MemberKind {
    /// A person.
    Person,
    /// A company or another organization, with contacts who act for it.
    Organization,
}

/// The fields of a member that both schemas show.
#[derive(Debug)]
pub(crate) struct Profile(pub(crate) Member);

#[Object]
impl Profile {
    /// The member's id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Identifier in the operator's own system, unique in the program.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Whether the member is a person or an organization.
    async fn kind(&self) -> MemberKind {
        self.0.kind.into()
    }

    /// The member's display name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The member's language.
    async fn locale(&self) -> LanguageTag {
        LanguageTag(self.0.locale.clone())
    }

    /// When the member joined the program.
    async fn joined_at(&self) -> DateTime {
        self.0.joined_at.into()
    }

    /// The code that the member shares with friends. A new member who joins with it completes the
    /// referral with the first purchase.
    async fn referral_code(&self) -> &str {
        &self.0.referral_code
    }

    /// The points that the member can spend, and when they expire.
    async fn balance(&self, ctx: &Context<'_>) -> Result<Balance> {
        let balance = ctx.loaders().load_one(BalanceOf(self.0.id)).await?;
        Ok(balance.ok_or_else(|| self.lost("wallet"))?.into())
    }

    /// The member's tier. Null below the first tier.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<Tier>> {
        let (standing, audience) = (self.standing(ctx).await?, self.audience(ctx)?);
        Ok(standing.tier.and_then(|id| Tier::find(&audience, &id)))
    }

    /// When the member reached the tier. Null below the first tier.
    async fn tier_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.standing(ctx).await?.tier_since.map(DateTime::from))
    }

    /// The member's progress toward the next tier.
    async fn progress(&self, ctx: &Context<'_>) -> Result<Progress> {
        let (standing, audience) = (self.standing(ctx).await?, self.audience(ctx)?);
        Ok(Progress::new(&audience, TierStanding::of(&audience.definition, &standing)))
    }

    /// The member's lifetime statistics.
    async fn statistics(&self, ctx: &Context<'_>) -> Result<Statistics> {
        Ok(Statistics::new(&self.audience(ctx)?, &self.standing(ctx).await?))
    }

    /// The people who act for an organization, in the order in which they were added. Empty for a
    /// person.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<Contact>> {
        let contacts = ctx.loaders().load_one(ContactsOf(self.0.id)).await?;
        Ok(contacts.unwrap_or_default().into_iter().map(Contact::from).collect())
    }

    /// Data that plugins provide about the member, such as the state of each machine.
    #[graphql(complexity = "100 + child_complexity")]
    async fn plugin_views(&self, ctx: &Context<'_>) -> Result<Vec<PluginView>> {
        let (loyalty, actor) = ctx.caller()?;
        let views = loyalty.plugins().views(actor, self.0.id).await?;
        Ok(views.into_iter().map(PluginView::from).collect())
    }
}

impl Profile {
    async fn standing(&self, ctx: &Context<'_>) -> Result<Standing> {
        let standing = ctx.loaders().load_one(StandingOf(self.0.id)).await?;
        Ok(standing.ok_or_else(|| self.lost("standing"))?)
    }

    fn audience(&self, ctx: &Context<'_>) -> perennial_core::Result<Audience> {
        Ok(Audience::new(&ctx.session()?.program, &self.0.locale))
    }

    fn lost(&self, what: &str) -> Error {
        Error::internal(format!("member {} has no {what}", self.0.id))
    }
}
