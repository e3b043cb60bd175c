//! What a program owes in points, in the admin schema.

use crate::context::RequestContext;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, Object, Result, SimpleObject};
use perennial_core::ledger::{self, BookedMonth, ExpiringMonth, Liability};

/// So much that an operation has one: each report reads all of the ledger.
const COST: usize = 5_000;

/// What the program owes its members in points of one type.
#[derive(Debug, SimpleObject)]
pub(crate) struct PointsLiability {
    /// The id of the type in the program file; `points` for the main ones.
    point_type: String,
    /// The time of the report, by the program's clock.
    at: DateTime,
    /// Points that members can spend.
    outstanding: Points,
    /// Points that open holds have reserved.
    held: Points,
    /// Points that are earned and cannot be spent yet.
    pending: Points,
    /// Points that members owe, because what was taken back had been spent.
    owed: Points,
    /// `outstanding`, `held` and `pending`, less what is `owed`.
    total: Points,
    /// Of `outstanding`, what expires in this month and in each of the 23 that follow.
    expiring: Vec<ExpiringPointsMonth>,
    /// Of `outstanding`, what expires after these months.
    expiring_later: Points,
    /// Of `outstanding`, what never expires.
    never_expiring: Points,
    /// The months that were asked for, oldest first; the last is the current one, until now. Each
    /// begins with what the one before it left, and the last leaves `total`.
    months: Vec<LiabilityMonth>,
    /// Points that were redeemed in the full months among `months`, which are all but the last.
    redeemed: Points,
    /// What the opening of each of these months adds up to; `redeemed` of it was redeemed.
    redeemed_of: Points,
}

/// Points that expire in one month.
#[derive(Debug, SimpleObject)]
pub(crate) struct ExpiringPointsMonth {
    /// The month in the program's time zone, such as `2026-11`: the last one in which the points can
    /// be spent.
    month: String,
    /// The number of points.
    points: Points,
    /// How many of them are expected to expire: in each month from this one to the one before they
    /// expire, the part `redeemed` of `redeemedOf` of what is left of them is taken to be redeemed,
    /// rounded down to whole points. Nothing is taken to be redeemed if `redeemedOf` is zero.
    expected: Points,
}

/// A month of the books. What changed is below zero where the program owes less for it.
#[derive(Debug, SimpleObject)]
pub(crate) struct LiabilityMonth {
    /// The month in the program's time zone, such as `2026-11`.
    month: String,
    /// What the program owed when the month began.
    opening: Points,
    /// Points that were taken over from another system.
    opened: Points,
    /// Points that were earned, whether or not they could be spent at once.
    earned: Points,
    /// Points that operators gave, less those that they took.
    adjusted: Points,
    /// Points that were spent.
    redeemed: Points,
    /// Points that expired, less those that had expired too early. What expires with the first
    /// instant of a month is in the month before.
    expired: Points,
    /// Points that were taken back because something of a purchase came back.
    returned: Points,
    /// Points that went or came because another transaction was made good.
    voided: Points,
    /// `opening` and all that changed.
    closing: Points,
}

#[derive(Debug, Default)]
pub(crate) struct LiabilityQuery;

#[Object]
impl LiabilityQuery {
    /// What the program owes its members in points, how that came about month by month, and what of
    /// it will expire; one item for each type of points, the main one first. What was reported late
    /// is in the month in which it took effect. Every transaction of the program is read, so ask
    /// once a day or a month; large programs use `perennial report liability`.
    #[graphql(complexity = "COST + child_complexity")]
    async fn points_liability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only points of the type with this id in the program file.")]
        point_type: Option<String>,
        #[graphql(
            default = 12,
            desc = "How many months to report, 1 to 36; the last is the current one."
        )]
        months: u16,
    ) -> Result<Option<Vec<PointsLiability>>> {
        let (loyalty, actor) = ctx.caller()?;
        let found = loyalty.ledger().liability(actor, point_type.as_deref(), months).await?;
        Ok(Some(found.into_iter().map(PointsLiability::from).collect()))
    }
}

impl From<Liability> for PointsLiability {
    fn from(liability: Liability) -> Self {
        let ledger::Redemption { redeemed, of } = liability.redemption;
        Self {
            point_type: liability.point_type.id().to_owned(),
            at: liability.at.into(),
            outstanding: liability.outstanding.into(),
            held: liability.held.into(),
            pending: liability.pending.into(),
            owed: liability.owed.into(),
            total: liability.total.into(),
            expiring: liability.expiring.into_iter().map(ExpiringPointsMonth::from).collect(),
            expiring_later: liability.expiring_later.into(),
            never_expiring: liability.never_expiring.into(),
            months: liability.months.into_iter().map(LiabilityMonth::from).collect(),
            redeemed: redeemed.into(),
            redeemed_of: of.into(),
        }
    }
}

impl From<ExpiringMonth> for ExpiringPointsMonth {
    fn from(month: ExpiringMonth) -> Self {
        let ExpiringMonth { month, points, expected } = month;
        Self { month: month.to_string(), points: points.into(), expected: expected.into() }
    }
}

impl From<BookedMonth> for LiabilityMonth {
    fn from(booked: BookedMonth) -> Self {
        let BookedMonth { month, opening, movements, closing } = booked;
        Self {
            month: month.to_string(),
            opening: opening.into(),
            opened: movements.opened.into(),
            earned: movements.earned.into(),
            adjusted: movements.adjusted.into(),
            redeemed: movements.redeemed.into(),
            expired: movements.expired.into(),
            returned: movements.returned.into(),
            voided: movements.voided.into(),
            closing: closing.into(),
        }
    }
}
