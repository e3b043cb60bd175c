//! Why points went from one member to another. Which way is in the sign of the points.

use async_graphql::SimpleObject;
use perennial_core::ledger::cause;

/// A member gave points to another.
#[derive(Debug, SimpleObject)]
pub(crate) struct TransferCause {
    /// Why, in the words of the one who gave them, or of an operator.
    reason: String,
    /// The revision of the program that ran.
    revision: u32,
}

impl From<cause::Transfer> for TransferCause {
    fn from(cause: cause::Transfer) -> Self {
        Self { reason: cause.reason, revision: cause.revision }
    }
}

/// Two members turned out to be one, or to be two after all.
#[derive(Debug, SimpleObject)]
pub(crate) struct MergeCause {
    /// Why, in the operator's words.
    reason: String,
    /// The revision of the program that ran.
    revision: u32,
}

impl From<cause::Merge> for MergeCause {
    fn from(cause: cause::Merge) -> Self {
        Self { reason: cause.reason, revision: cause.revision }
    }
}
