//! Holds: points that are reserved. Both schemas show them; the admin schema makes and ends them.

mod act;

pub(crate) use act::HoldMutation;

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use perennial_core::MemberId;
use perennial_core::facts::HoldOutcome;
use perennial_core::holds::{self, HoldState as State};

/// Points that are reserved for a cart or a till, or were.
#[derive(Debug, SimpleObject)]
pub(crate) struct Hold {
    /// The hold's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The id of the member whose points they are.
    member_id: ID,
    /// Whether the points are reserved, and what became of them.
    state: HoldState,
    /// The id in the program file of the type of the points; `points` for the main ones.
    point_type: String,
    /// The number of points that were reserved.
    points: Points,
    /// The number of them that were captured, and thereby spent.
    captured: Points,
    /// The id of the transaction that spent them. Null if none were.
    transaction_id: Option<ID>,
    /// Why, for people.
    reason: String,
    /// The id of the person who reserved them for a group. Null if they were the person's own, or if
    /// nobody was named.
    held_by_id: Option<ID>,
    /// When the points were reserved, according to the program's clock.
    held_at: DateTime,
    /// When they are free again if nobody captures them.
    expires_at: DateTime,
    /// When the hold ended. Null while it is open.
    ended_at: Option<DateTime>,
}

/// Whether points are reserved, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum HoldState {
    /// The points are reserved.
    Open,
    /// Some or all of the points were spent; the rest is free.
    Captured,
    /// Somebody gave the hold up; its points are free.
    Released,
    /// The hold's time is over; its points are free.
    Expired,
}

impl From<holds::Hold> for Hold {
    fn from(hold: holds::Hold) -> Self {
        let (state, ended_at) = match hold.state {
            State::Open => (HoldState::Open, None),
            State::Ended { outcome, at } => (outcome.into(), Some(at.into())),
        };
        Self {
            id: GlobalId::Hold(hold.id).into(),
            member_id: GlobalId::Member(hold.member).into(),
            state,
            point_type: hold.point_type.id().to_owned(),
            points: hold.points.into(),
            captured: hold.captured.into(),
            transaction_id: hold.transaction.map(|id| GlobalId::Transaction(id).into()),
            reason: hold.reason,
            held_by_id: hold.by.map(|id| GlobalId::Member(id).into()),
            held_at: hold.held_at.into(),
            expires_at: hold.expires_at.into(),
            ended_at,
        }
    }
}

impl From<HoldOutcome> for HoldState {
    fn from(outcome: HoldOutcome) -> Self {
        match outcome {
            HoldOutcome::Captured => Self::Captured,
            HoldOutcome::Released => Self::Released,
            HoldOutcome::Expired => Self::Expired,
        }
    }
}

/// The holds of a member.
#[derive(Debug)]
pub(crate) struct MemberHolds(pub(crate) MemberId);

#[Object]
impl MemberHolds {
    /// Holds of the member's points, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn holds(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Hold>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let found = loyalty.holds().of_member(actor, self.0, page).await?;
        Ok(Some(connection(found, after.as_deref(), |one| one.id, Hold::from)))
    }
}
