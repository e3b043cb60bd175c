//! A recorded purchase as both schemas show it, and a member's purchases.

use super::accrued::PurchaseAccrual;
use super::missed::MissedAppraisal;
use super::payment::Payment;
use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::earning::Explanation;
use crate::edits::PurchaseEdit;
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::returns::Return;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, ID, Object, OutputType, Result, SimpleObject};
use perennial_core::purchases::{self, Line};
use perennial_core::{Currency, MemberId};
use std::marker::PhantomData;

/// The fields of a purchase that both schemas show.
#[derive(Debug, SimpleObject)]
pub(crate) struct PurchaseFields {
    /// The purchase's id.
    pub(super) id: ID,
    /// The shop's order number.
    reference: String,
    /// When the purchase was made.
    purchased_at: DateTime,
    /// The total amount after all edits, what came back of it included.
    total: Money,
    /// The amount that came back.
    returned: Money,
    /// The amount that is left: the total minus what came back.
    left: Money,
    /// When the last of the purchase came back. Null while something of it is left.
    returned_at: Option<DateTime>,
    /// What of the purchase points paid when it was recorded. Null if none did.
    payment: Option<Payment>,
    /// What points still pay of what is left of the purchase: `payment` without what came back, and
    /// what edits have taken away without anything in its place. Who has paid last gets back first.
    /// Zero if nothing is left; null if no points have paid.
    payment_left: Option<Payment>,
    /// Points that the member got for the purchase itself, as it is after all edits, and with what plugins
    /// said of it afterwards.
    points_earned: Points,
    /// What each account got that the purchase accrued to, the member's first.
    accruals: Vec<PurchaseAccrual>,
    /// Points that the part which came back had earned. They count as earned no more.
    points_returned: Points,
    /// Why the purchase earned points when it was recorded; `edits` say it of what was added since.
    explanation: Explanation,
    /// The lines of the purchase after all edits; empty if the shop sent a total only.
    lines: Vec<PurchaseLine>,
    /// What came back, in the order in which it was recorded.
    returns: Vec<Return>,
    /// How the order was changed after it was recorded, in the order in which that was recorded.
    edits: Vec<PurchaseEdit>,
    /// Plugins that were not heard when the purchase was recorded, and what came of asking them again.
    missed_appraisals: Vec<MissedAppraisal>,
}

/// A line of a purchase.
#[derive(Debug, SimpleObject)]
pub(crate) struct PurchaseLine {
    /// Which line of the purchase it is, from 1. Edits leave a line its position and give new ones
    /// the next, so there may be gaps.
    position: i32,
    /// The product's identifier in the shop.
    sku: String,
    /// The product's category in the shop.
    category: Option<String>,
    /// The number of items that were bought.
    quantity: u32,
    /// The amount of the whole line.
    amount: Money,
    /// The line's share of the points that the purchase earned. The shares of all lines sum to
    /// `pointsEarned`.
    points_earned: Points,
    /// The number of items that came back.
    returned_quantity: i64,
    /// The amount that came back.
    returned: Money,
}

impl PurchaseFields {
    pub(super) fn new(purchase: &purchases::Purchase) -> Self {
        let currency = purchase.currency;
        let money = |minor| Money::new(currency, minor);
        let line = |line: &purchases::PurchaseLine| PurchaseLine::new(currency, line);
        Self {
            id: GlobalId::Purchase(purchase.id).into(),
            reference: purchase.reference.trim_start().to_owned(),
            purchased_at: purchase.purchased_at.into(),
            total: money(purchase.total_minor),
            returned: money(purchase.returned_minor),
            left: money(purchase.total_minor.saturating_sub(purchase.returned_minor)),
            returned_at: purchase.returned_at.map(DateTime::from),
            payment: purchase.paid.as_ref().map(|paid| Payment::new(currency, paid)),
            payment_left: purchase.paid_left.as_ref().map(|paid| Payment::new(currency, paid)),
            points_earned: purchase.points.into(),
            accruals: purchase.accruals.iter().map(PurchaseAccrual::from).collect(),
            points_returned: purchase.returned_points.into(),
            explanation: purchase.appraisal.clone().into(),
            lines: purchase.lines.iter().map(line).collect(),
            returns: Return::of(purchase),
            edits: PurchaseEdit::of(purchase),
            missed_appraisals: purchase.missed.iter().map(MissedAppraisal::from).collect(),
        }
    }
}

impl PurchaseLine {
    fn new(currency: Currency, bought: &purchases::PurchaseLine) -> Self {
        let Line { sku, category, quantity, amount_minor } = bought.line.clone();
        Self {
            position: bought.position,
            sku,
            category,
            quantity,
            amount: Money::new(currency, amount_minor),
            points_earned: bought.points.into(),
            returned_quantity: bought.returned_quantity,
            returned: Money::new(currency, bought.returned_minor),
        }
    }
}

/// The purchases of a member, each as the `Purchase` of one schema.
#[derive(Debug)]
pub(crate) struct MemberPurchases<Purchase> {
    member: MemberId,
    shown_as: PhantomData<fn() -> Purchase>,
}

#[Object]
impl<Purchase> MemberPurchases<Purchase>
where
    Purchase: OutputType + From<purchases::Purchase>,
{
    /// Purchases of the member, the last made first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn purchases(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Purchase>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.purchases().of_member(actor, self.member, page).await?;
        Ok(Some(connection(found, after.as_deref(), |one| one.id, Purchase::from)))
    }
}

impl<Purchase> From<MemberId> for MemberPurchases<Purchase> {
    fn from(member: MemberId) -> Self {
        Self { member, shown_as: PhantomData }
    }
}
