//! The ledger in the storefront schema.

use super::TransactionFields;
use crate::scalars::Json;
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
        let mut fields = TransactionFields::from(&transaction);
        hide_others(&mut fields.explanation);
        Self(fields)
    }
}

/// Of the points that a member got for bringing another, what the other bought is nobody else's
/// business; nor who the other is of a transfer, beyond what they have told each other.
fn hide_others(Json(explanation): &mut Json) {
    let shown: &[&str] = match &*explanation {
        why if why["referral"] == "referrer" => &["referral", "revision"],
        why if !why["transfer"].is_null() => &["transfer", "reason", "revision"],
        why if !why["merge"].is_null() => &["merge", "reason", "revision"],
        _ => return,
    };
    if let Some(fields) = explanation.as_object_mut() {
        fields.retain(|name, _| shown.contains(&name.as_str()));
    }
}
