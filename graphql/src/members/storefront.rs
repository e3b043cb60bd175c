//! Members in the storefront schema: the one whose token the request carries.

use super::Profile;
use crate::context::RequestContext;
use crate::holds::MemberHolds;
use crate::ledger::storefront::Transaction;
use crate::ledger::{MemberPast, MemberTransactions};
use crate::memberships::storefront::MemberGroups;
use crate::messages::storefront::MemberMessages;
use crate::pending::MemberPending;
use crate::plugins::{MemberViews, StorefrontView};
use crate::purchases::MemberPurchases;
use crate::purchases::storefront::Purchase;
use crate::records::MemberRecords;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::members;

/// A person, an organization or a household that takes part in the program.
#[derive(Debug, MergedObject)]
pub(crate) struct Member(
    Profile,
    MemberGroups,
    MemberTransactions<Transaction>,
    MemberPast,
    MemberPurchases<Purchase>,
    MemberPending,
    MemberHolds,
    MemberRecords,
    MemberViews<StorefrontView>,
    MemberMessages,
);

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
        let id = profile.member.id;
        let transactions = MemberTransactions::from(id);
        Self(
            profile,
            MemberGroups,
            transactions,
            MemberPast(id),
            MemberPurchases::from(id),
            MemberPending(id),
            MemberHolds(id),
            MemberRecords(id),
            MemberViews::from(id),
            MemberMessages(id),
        )
    }
}

#[derive(Debug, Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The member that the token belongs to.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(Some(Profile::selected(ctx, ctx.session()?.member()?).await?.into()))
    }
}
