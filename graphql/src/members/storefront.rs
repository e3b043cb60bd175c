//! Members in the storefront schema: the one whose token the request carries.

use super::Profile;
use crate::context::RequestContext;
use crate::ledger::MemberTransactions;
use crate::ledger::storefront::Transaction;
use crate::messages::storefront::MemberMessages;
use crate::records::MemberRecords;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::members;

/// A person or an organization that takes part in the program.
#[derive(Debug, MergedObject)]
pub(crate) struct Member(Profile, MemberTransactions<Transaction>, MemberRecords, MemberMessages);

impl Member {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.0.id.to_string().into())
    }
}

impl From<members::Member> for Member {
    fn from(member: members::Member) -> Self {
        let id = member.id;
        let transactions = MemberTransactions::from(id);
        Self(Profile(member), transactions, MemberRecords(id), MemberMessages(id))
    }
}

#[derive(Debug, Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The member that the token belongs to.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let (loyalty, actor) = ctx.caller()?;
        let member = loyalty.members().get(actor, ctx.session()?.member()?).await?;
        Ok(Some(member.into()))
    }
}
