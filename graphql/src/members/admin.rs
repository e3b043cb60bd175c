//! Members in the admin schema.

use super::{Profile, member_id};
use crate::cards::admin::MemberCards;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::events::MemberEvents;
use crate::holds::MemberHolds;
use crate::ledger::admin::Transaction;
use crate::ledger::approvals::MemberApprovals;
use crate::ledger::{MemberPast, MemberTransactions};
use crate::memberships::admin::MemberMemberships;
use crate::messages::admin::MemberMessages;
use crate::pending::MemberPending;
use crate::plugins::{AdminView, MemberViews};
use crate::purchases::MemberPurchases;
use crate::purchases::admin::Purchase;
use crate::records::MemberRecords;
use crate::scalars::{CountryCode, DateTime};
use async_graphql::{Context, ID, MergedObject, Object, Result, SimpleObject};
use perennial_core::{Code, Error, members};

/// A person, an organization or a household that takes part in the program; or a gift card, which is
/// nobody.
#[derive(Debug, MergedObject)]
pub(crate) struct Member(
    Profile,
    Inward,
    MemberMemberships,
    MemberCards,
    MemberTransactions<Transaction>,
    MemberPast,
    MemberPurchases<Purchase>,
    MemberPending,
    MemberHolds,
    MemberApprovals,
    MemberRecords,
    MemberViews<AdminView>,
    MemberMessages,
    MemberEvents,
);

/// What only the admin schema shows of a member.
#[derive(Debug, SimpleObject)]
struct Inward {
    /// Email address.
    email: Option<String>,
    /// ISO 3166-1 alpha-2 code of the member's country.
    country: Option<CountryCode>,
    /// What operators and plugins call the member, in alphabetical order, at most 100.
    tags: Vec<String>,
    /// When the member's personal data was erased. Null otherwise.
    erased_at: Option<DateTime>,
}

impl Member {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.member.id.to_string().into())
    }
}

impl From<members::Member> for Member {
    fn from(member: members::Member) -> Self {
        Self::from(Profile::from(member))
    }
}

impl From<Profile> for Member {
    fn from(profile: Profile) -> Self {
        let member = &profile.member;
        let inward = Inward {
            email: member.email.clone(),
            country: member.country.clone().map(CountryCode),
            tags: member.tags.iter().cloned().collect(),
            erased_at: member.erased_at.map(DateTime::from),
        };
        let id = member.id;
        Self(
            profile,
            inward,
            MemberMemberships(id),
            MemberCards(id),
            MemberTransactions::from(id),
            MemberPast(id),
            MemberPurchases::from(id),
            MemberPending(id),
            MemberHolds(id),
            MemberApprovals(id),
            MemberRecords(id),
            MemberViews::from(id),
            MemberMessages(id),
            MemberEvents(id),
        )
    }
}

#[derive(Debug, Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// A member by `id` or `externalId`; give exactly one of them. Null if the member does not
    /// exist. Requires the scope `members:read`.
    async fn member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member's id.")] id: Option<ID>,
        #[graphql(desc = "Identifier in the operator's own system.")] external_id: Option<String>,
    ) -> Result<Option<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = match (id, external_id) {
            (Some(id), None) => Profile::selected(ctx, member_id(&id, "id")?).await,
            (None, Some(external_id)) => {
                let found = loyalty.members().find_by_external_id(actor, &external_id).await?;
                return Ok(found.map(Member::from));
            }
            _ => Err(Error::new(Code::InvalidInput, "give either an id or an externalId")),
        };
        match found {
            Ok(member) => Ok(Some(member.into())),
            Err(error) if error.code() == Code::MemberNotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All members, newest first, without those who were erased and without gift cards. Requires the scope `members:read`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Member>>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = loyalty.members().list(actor, page(first, after.as_deref())?).await?;
        Ok(Some(connection(found, after.as_deref(), |member| member.id, Member::from)))
    }
}
