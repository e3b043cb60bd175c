//! Purchases about which a plugin was not heard, for operators.

use super::plugin::Fault;
use crate::context::RequestContext;
use crate::nodes::GlobalId;
use crate::purchases::MissedAppraisal;
use crate::purchases::admin::Purchase;
use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use perennial_core::PurchaseId;
use perennial_core::purchases::{MissedAppraisal as Missed, PurchaseRef};

/// A purchase about which the plugin was not heard.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct PluginMissedAppraisal {
    #[graphql(skip)]
    purchase: PurchaseId,
    /// The purchase's id.
    purchase_id: ID,
    /// Why, and what came of asking the plugin again.
    appraisal: MissedAppraisal,
    /// What the plugin failed with the last time. Null if it was not asked, or has been heard.
    fault: Option<Fault>,
}

#[ComplexObject]
impl PluginMissedAppraisal {
    /// The purchase.
    async fn purchase(&self, ctx: &Context<'_>) -> Result<Option<Purchase>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = loyalty.purchases().find(actor, &PurchaseRef::Id(self.purchase)).await?;
        Ok(found.map(Purchase::from))
    }
}

impl From<Missed> for PluginMissedAppraisal {
    fn from(missed: Missed) -> Self {
        Self {
            purchase: missed.purchase,
            purchase_id: GlobalId::Purchase(missed.purchase).into(),
            appraisal: (&missed).into(),
            fault: missed.fault.map(Fault::from),
        }
    }
}
