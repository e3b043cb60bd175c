//! Pending points: both schemas list them, and the admin schema lets them be spent.

mod activate;

pub(crate) use activate::PendingMutation;

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use perennial_core::{MemberId, pending};

/// Points that are earned and cannot be spent yet.
#[derive(Debug, SimpleObject)]
pub(crate) struct PendingPoints {
    /// The id of the transaction that earned them, of the kind `PENDING`. To cancel the points is to
    /// void it.
    transaction_id: ID,
    /// The id in the program file of the type of the points; `points` for the main ones.
    point_type: String,
    /// The number of points that are left: what comes back of the purchase takes from them first.
    points: Points,
    /// The id of the purchase that earned them. Null if it was something else.
    purchase_id: Option<ID>,
    /// From when on the points can be spent. Null while that is not known.
    available_at: Option<DateTime>,
    /// The event that the points wait for, such as `delivered`. Null if they wait for a day.
    awaits: Option<String>,
    /// Why the points were earned, for people.
    reason: String,
}

impl From<pending::Pending> for PendingPoints {
    fn from(pending: pending::Pending) -> Self {
        Self {
            transaction_id: GlobalId::Transaction(pending.transaction).into(),
            point_type: pending.point_type.id().to_owned(),
            points: pending.points.into(),
            purchase_id: pending.purchase.map(|id| GlobalId::Purchase(id).into()),
            available_at: pending.available_at.map(DateTime::from),
            awaits: pending.awaits,
            reason: pending.reason,
        }
    }
}

/// The pending points of a member.
#[derive(Debug)]
pub(crate) struct MemberPending(pub(crate) MemberId);

#[Object]
impl MemberPending {
    /// Points of the member that cannot be spent yet, the last earned first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn pending_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<PendingPoints>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.pending().of_member(actor, self.0, page).await?;
        let key = |one: &pending::Pending| one.transaction;
        Ok(Some(connection(found, after.as_deref(), key, PendingPoints::from)))
    }
}
