//! The ledger in the storefront schema.

use super::TransactionFields;
use async_graphql::{Context, ID, MergedObject, Result};
use perennial_core::ledger;

/// A change in a member's points.
#[derive(Debug, MergedObject)]
pub(crate) struct Transaction(TransactionFields);

impl Transaction {
    pub(crate) async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.id.clone())
    }
}

impl From<ledger::Transaction> for Transaction {
    fn from(transaction: ledger::Transaction) -> Self {
        Self(transaction.for_member().into())
    }
}
