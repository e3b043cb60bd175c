//! Why a purchase earned points after it was recorded.

use super::purchase;
use crate::earning::Explanation;
use async_graphql::{ID, SimpleObject};
use perennial_core::earning::Appraisal;
use perennial_core::ledger::cause;

/// A plugin could not be asked when a purchase was recorded, and was asked later.
#[derive(Debug, SimpleObject)]
pub(crate) struct ReappraisalCause {
    /// The purchase's id.
    pub(super) purchase_id: ID,
    /// The shop's order number.
    pub(super) purchase_reference: String,
    /// The plugin's id in the program file.
    pub(super) plugin_key: String,
    /// SHA-256 digest of the component that was heard.
    pub(super) digest: String,
    /// What the purchase has earned by it.
    pub(super) explanation: Option<Explanation>,
    /// The revision of the program that ran.
    pub(super) revision: u32,
}

impl From<cause::Reappraisal> for ReappraisalCause {
    fn from(cause: cause::Reappraisal) -> Self {
        let appraisal: Option<Appraisal> = serde_json::from_value(cause.appraisal).ok();
        Self {
            purchase_id: purchase(cause.reappraised),
            purchase_reference: cause.purchase_reference.trim_start().to_owned(),
            plugin_key: cause.plugin,
            digest: cause.digest,
            explanation: appraisal.map(Explanation::from),
            revision: cause.revision,
        }
    }
}
