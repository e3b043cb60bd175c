//! Purchases as a plugin sees them that looks them up: as they stand.

use super::model::{Purchase, PurchaseLine};
use super::read;
use crate::context::{Bought, Context, Program};
use crate::page::{Page, PageRequest};
use crate::runtime::{self, PastPurchase};
use crate::{MemberId, PurchaseId, Result};
use jiff::tz::TimeZone;

/// Reads what was recorded.
pub(crate) struct Recorded;

#[async_trait::async_trait]
impl Bought for Recorded {
    async fn of_member(
        &self,
        context: &Context,
        program: &Program,
        member: MemberId,
        page: PageRequest<PurchaseId>,
    ) -> Result<Page<PastPurchase>> {
        let found = read::of_member(context, program.id, member, page).await?;
        let zone = &program.definition.zone;
        let items = found.items.into_iter().map(|purchase| purchase.standing(zone)).collect();
        Ok(Page { items, has_more: found.has_more })
    }
}

impl Purchase {
    fn standing(self, zone: &TimeZone) -> PastPurchase {
        let lines = self.lines.into_iter().map(PurchaseLine::standing);
        PastPurchase {
            id: self.id.to_string(),
            reference: self.reference,
            purchased_at: self.purchased_at.instant(),
            purchased_on: self.purchased_at.date_in(zone),
            currency: self.currency.code().to_owned(),
            total_minor: self.total_minor - self.returned_minor,
            lines: lines.filter(|line| line.quantity > 0).collect(),
        }
    }
}

impl PurchaseLine {
    fn standing(self) -> runtime::PurchaseLine {
        let left = i64::from(self.line.quantity) - self.returned_quantity;
        runtime::PurchaseLine {
            sku: self.line.sku,
            category: self.line.category,
            quantity: u32::try_from(left).unwrap_or_default(),
            amount_minor: self.line.amount_minor - self.returned_minor,
        }
    }
}
