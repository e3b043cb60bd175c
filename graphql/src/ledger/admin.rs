//! The ledger in the admin schema.

use super::TransactionFields;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::members::admin::Member;
use crate::members::member_id;
use crate::nodes::GlobalId;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::members::MemberRef;
use perennial_core::{Code, Error, MemberId, PurchaseId, TransactionId, ledger};

/// A change in a member's points.
#[derive(Debug, MergedObject)]
pub(crate) struct Transaction(TransactionFields, TransactionOrigin);

impl Transaction {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<ledger::Transaction> for Transaction {
    fn from(transaction: ledger::Transaction) -> Self {
        let origin = TransactionOrigin {
            member: transaction.member_id,
            other: transaction.other_member(),
            other_side: transaction.other_transaction(),
            purchase: transaction.purchase(),
            actor: transaction.actor.clone(),
            approved_by: transaction.approved_by().map(str::to_owned),
        };
        Self(transaction.into(), origin)
    }
}

/// The fields of a transaction that only the admin schema shows.
#[derive(Debug)]
pub(crate) struct TransactionOrigin {
    member: MemberId,
    other: Option<MemberId>,
    other_side: Option<TransactionId>,
    purchase: Option<PurchaseId>,
    actor: String,
    approved_by: Option<String>,
}

#[Object]
impl TransactionOrigin {
    /// The member whose points changed.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.member).await?.map(Member::from))
    }

    /// The other member whom the transaction is about: of a referral, a transfer or a merge the one on
    /// the other side, and of what a purchase earned a group the person who made it.
    /// Null if it is about no other.
    async fn other_member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let Some(other) = self.other else { return Ok(None) };
        Ok(ctx.loaders().load_one(other).await?.map(Member::from))
    }

    /// The id of the transaction of the other member, of a transfer or a merge. Null if there is
    /// none.
    async fn other_transaction_id(&self) -> Option<ID> {
        self.other_side.map(|transaction| GlobalId::Transaction(transaction).into())
    }

    /// The id of the purchase that the transaction follows from, of whichever member. Null if it
    /// follows from none.
    async fn purchase_id(&self) -> Option<ID> {
        self.purchase.map(|purchase| GlobalId::Purchase(purchase).into())
    }

    /// Who caused the transaction, such as `operator:till` or `plugin:consumer-goods`.
    async fn actor(&self) -> &str {
        &self.actor
    }

    /// Who approved the adjustment that somebody else, the `actor`, had asked for. Null if it needed
    /// no second operator.
    async fn approved_by(&self) -> Option<&str> {
        self.approved_by.as_deref()
    }
}

#[derive(Debug, Default)]
pub(crate) struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// Transactions of one member or of all members, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only transactions of the member with this id. Excludes `externalId`.")]
        member_id: Option<ID>,
        #[graphql(
            desc = "Only transactions of the member with this external id. Excludes `memberId`."
        )]
        external_id: Option<String>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Transaction>>> {
        let (loyalty, actor) = ctx.caller()?;
        let (of, page) = (loyalty.ledger(), page(first, after.as_deref())?);
        let found = match only(member_id, external_id)? {
            None => of.list(actor, page).await?,
            Some(member) => {
                let member = loyalty.members().resolve(actor, &member).await?;
                of.of_member(actor, member, &ledger::Which::default(), page).await?
            }
        };
        Ok(Some(connection(found, after.as_deref(), |one| one.id, Transaction::from)))
    }
}

fn only(id: Option<ID>, external_id: Option<String>) -> perennial_core::Result<Option<MemberRef>> {
    match (id, external_id) {
        (None, None) => Ok(None),
        (Some(id), None) => Ok(Some(MemberRef::Id(member_id(&id, "memberId")?))),
        (None, Some(external_id)) => Ok(Some(MemberRef::ExternalId(external_id))),
        (Some(_), Some(_)) => {
            Err(Error::new(Code::InvalidInput, "give a memberId or an externalId, not both"))
        }
    }
}
