//! The ledger in the admin schema.

use super::TransactionFields;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::members::admin::Member;
use crate::members::member_id;
use crate::scalars::DateTime;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use perennial_core::members::MemberRef;
use perennial_core::{Code, Error, ledger};

/// A change of a member's points.
#[derive(Debug, MergedObject)]
pub(crate) struct Transaction(TransactionFields, TransactionOrigin);

impl Transaction {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<ledger::Transaction> for Transaction {
    fn from(transaction: ledger::Transaction) -> Self {
        Self(TransactionFields::from(&transaction), TransactionOrigin(transaction))
    }
}

/// Whose transaction it is, and who caused it.
#[derive(Debug)]
pub(crate) struct TransactionOrigin(ledger::Transaction);

#[Object]
impl TransactionOrigin {
    /// Whose points changed.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Ok(ctx.loaders().load_one(self.0.member_id).await?.map(Member::from))
    }

    /// Who caused it, such as `operator:till` or `plugin:consumer-goods`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// When it was written down, by the machine's clock.
    async fn recorded_at(&self) -> DateTime {
        self.0.recorded_at.into()
    }
}

#[derive(Debug, Default)]
pub(crate) struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// Transactions of one member or of all, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of the member with this id.")] member_id: Option<ID>,
        #[graphql(desc = "Only those of the member with this key.")] external_id: Option<String>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Transaction>> {
        let (loyalty, actor) = ctx.caller()?;
        let (ledger, page) = (loyalty.ledger(), page(first, after.as_deref())?);
        let found = match only(member_id, external_id)? {
            None => ledger.list(actor, page).await?,
            Some(member) => {
                let member = loyalty.members().resolve(actor, &member).await?;
                ledger.of_member(actor, member, page).await?
            }
        };
        Ok(connection(found, after.as_deref(), |one| one.id, Transaction::from))
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
