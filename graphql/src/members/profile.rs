//! What both schemas show of a member.

use super::{Contact, Statistics};
use crate::context::RequestContext;
use crate::ledger::{Balance, Wallet};
use crate::loaders::{ContactsOf, ProfileOf};
use crate::programs::Audience;
use crate::scalars::{DateTime, LanguageTag};
use crate::tiers::{Progress, Tier};
use async_graphql::{Context, Enum, ID, Object, Result};
use perennial_core::members::{self, Member, Wants};
use perennial_core::purchases::TierStanding;
use perennial_core::{Error, MemberId, Result as CoreResult};
use std::sync::Arc;

/// The kind of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "members::MemberKind")]
pub(crate) enum MemberKind {
    /// A person.
    Person,
    /// A company or another organization, with contacts who act for it. People can belong to it.
    Organization,
    /// People who collect points together. People can belong to it.
    Household,
    /// A gift card, which is nobody: `issueGiftCard` makes it.
    GiftCard,
}

/// The fields of a member that both schemas show.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) member: Member,
    /// Where the member stands, if that was read with the member.
    known: Option<Arc<members::Profile>>,
}

impl From<Member> for Profile {
    fn from(member: Member) -> Self {
        Self { member, known: None }
    }
}

impl From<members::Profile> for Profile {
    fn from(known: members::Profile) -> Self {
        Self { member: known.member.clone(), known: Some(Arc::new(known)) }
    }
}

#[Object]
impl Profile {
    /// The member's id.
    async fn id(&self) -> ID {
        self.member.id.to_string().into()
    }

    /// Identifier in the operator's own system, unique in the program. The id of a member who was
    /// erased.
    async fn external_id(&self) -> &str {
        self.member.external_id.trim_start()
    }

    /// Whether the member is a person, an organization, a household or a gift card.
    async fn kind(&self) -> MemberKind {
        self.member.kind.into()
    }

    /// The member's display name. Empty if the member was erased.
    async fn name(&self) -> &str {
        &self.member.name
    }

    /// The member's language.
    async fn locale(&self) -> LanguageTag {
        LanguageTag(self.member.locale.clone())
    }

    /// When the member joined the program.
    async fn joined_at(&self) -> DateTime {
        self.member.joined_at.into()
    }

    /// The code that the member shares with friends. A new member who joins with it completes the
    /// referral with the first purchase.
    async fn referral_code(&self) -> &str {
        self.member.referral_code.trim_start()
    }

    /// The program's main points that the member can spend, and when they expire.
    async fn balance(&self, ctx: &Context<'_>) -> Result<Balance> {
        let wants = Wants { expiring: ctx.look_ahead().field("expiring").exists() };
        Ok(self.known(ctx, wants).await?.balance().into())
    }

    /// What the member has of each type of points, the program's main points first.
    async fn wallets(&self, ctx: &Context<'_>) -> Result<Vec<Wallet>> {
        let wants = Wants { expiring: ctx.look_ahead().field("expiring").exists() };
        let (known, audience) = (self.known(ctx, wants).await?, Audience::of_session(ctx)?);
        Ok(known.wallets.iter().map(|wallet| Wallet::new(&audience, wallet)).collect())
    }

    /// The member's tier. Null below the first tier.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<Tier>> {
        let (known, audience) = (self.standing(ctx).await?, Audience::of_session(ctx)?);
        Ok(known.standing.tier.as_deref().and_then(|id| Tier::find(&audience, id)))
    }

    /// When the member reached the tier. Null below the first tier.
    async fn tier_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.standing(ctx).await?.standing.tier_since.map(DateTime::from))
    }

    /// The member's progress toward the next tier.
    async fn progress(&self, ctx: &Context<'_>) -> Result<Progress> {
        let (known, audience) = (self.standing(ctx).await?, Audience::of_session(ctx)?);
        let standing = TierStanding::of(audience.definition.ladder(), &known.standing);
        Ok(Progress::new(&audience, standing))
    }

    /// The member's lifetime statistics.
    async fn statistics(&self, ctx: &Context<'_>) -> Result<Statistics> {
        Ok(Statistics::new(&Audience::of_session(ctx)?, &self.standing(ctx).await?.standing))
    }

    /// The people who act for an organization, in the order in which they were added. Empty for
    /// others.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<Contact>> {
        let contacts = ctx.loaders().load_one(ContactsOf(self.member.id)).await?;
        Ok(contacts.unwrap_or_default().into_iter().map(Contact::from).collect())
    }
}

impl Profile {
    /// A member with as much of where it stands as the field's selection asks for, in one
    /// statement. Fails with `MEMBER_NOT_FOUND`.
    pub(crate) async fn selected(ctx: &Context<'_>, member: MemberId) -> CoreResult<Self> {
        const STANDING: [&str; 6] =
            ["balance", "wallets", "tier", "tierSince", "progress", "statistics"];
        let (loyalty, actor) = ctx.caller()?;
        let selection = ctx.look_ahead();
        if !STANDING.iter().any(|field| selection.field(field).exists()) {
            return Ok(loyalty.members().get(actor, member).await?.into());
        }
        let has_expiring = |of: &str| selection.field(of).field("expiring").exists();
        let wants = Wants { expiring: has_expiring("balance") || has_expiring("wallets") };
        Ok(loyalty.members().profile(actor, member, wants).await?.into())
    }

    async fn standing(&self, ctx: &Context<'_>) -> Result<Arc<members::Profile>> {
        self.known(ctx, Wants::default()).await
    }

    /// Where the member stands: read with the member, or together with the others of a list.
    async fn known(&self, ctx: &Context<'_>, wants: Wants) -> Result<Arc<members::Profile>> {
        if let Some(known) = &self.known {
            return Ok(Arc::clone(known));
        }
        let found = ctx.loaders().load_one(ProfileOf { member: self.member.id, wants }).await?;
        let lost = || Error::internal(format!("member {} has no account", self.member.id));
        Ok(found.ok_or_else(lost)?)
    }
}
