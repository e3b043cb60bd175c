//! Holding points in the admin schema, as a till or a checkout does, and ending holds.

use super::Hold;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::{DateTime, Points};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::holds::{self, CaptureHold, HoldPoints};
use perennial_core::{Actor, Error, HoldId, Loyalty, Result as CoreResult};

/// Points to reserve.
#[derive(Debug, InputObject)]
pub(crate) struct HoldPointsInput {
    /// The member whose points are reserved.
    member: MemberRefInput,
    /// The person who reserves, if the points are a group's: one of its people who may spend them. It
    /// is recorded with the hold.
    by: Option<MemberRefInput>,
    /// How many points to reserve, above zero; at most what the balance has.
    points: Points,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// Why, for people: the member sees it. 1 to 200 printable characters.
    reason: String,
    /// When the points are free again if nobody captures them, at most 90 days ahead. Default: in a
    /// quarter of an hour, according to the program's clock.
    expires_at: Option<DateTime>,
    /// Unique for each hold of the member, 1 to 128 printable characters. Repeating a request with
    /// the same key returns the first hold and reserves nothing; reusing the key with other
    /// arguments is refused.
    idempotency_key: String,
}

/// A hold to capture.
#[derive(Debug, InputObject)]
pub(crate) struct CaptureHoldInput {
    /// The hold's id.
    hold_id: ID,
    /// How many of its points to spend, above zero; the rest is free again. Default: all.
    points: Option<Points>,
}

/// A hold to give up.
#[derive(Debug, InputObject)]
pub(crate) struct ReleaseHoldInput {
    /// The hold's id.
    hold_id: ID,
}

/// Result of reserving points.
#[derive(Debug, SimpleObject)]
pub(crate) struct HoldPointsPayload {
    /// The hold. Null if the request was refused.
    hold: Option<Hold>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of capturing a hold.
#[derive(Debug, SimpleObject)]
pub(crate) struct CaptureHoldPayload {
    /// The hold, which is captured. Null if the request was refused.
    hold: Option<Hold>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of giving a hold up.
#[derive(Debug, SimpleObject)]
pub(crate) struct ReleaseHoldPayload {
    /// The hold, which is released. Null if the request was refused.
    hold: Option<Hold>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct HoldMutation;

#[Object]
impl HoldMutation {
    /// Reserves a member's points, for a cart or a till. Nothing else can spend them, and they do
    /// not expire, until the hold is captured or released or its time is over. Requires the scope
    /// `points:spend`.
    async fn hold_points(
        &self,
        ctx: &Context<'_>,
        input: HoldPointsInput,
    ) -> Result<Option<HoldPointsPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (hold, user_errors) = split(hold(loyalty, actor, input).await)?;
        Ok(Some(HoldPointsPayload { hold: hold.map(Hold::from), user_errors }))
    }

    /// Spends what a hold reserved, all or part; the rest is free again. Repeating the request
    /// returns the same. Requires the scope `points:spend`.
    async fn capture_hold(
        &self,
        ctx: &Context<'_>,
        input: CaptureHoldInput,
    ) -> Result<Option<CaptureHoldPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (hold, user_errors) = split(capture(loyalty, actor, &input).await)?;
        Ok(Some(CaptureHoldPayload { hold: hold.map(Hold::from), user_errors }))
    }

    /// Gives a hold up: its points are free again. Repeating the request returns the same. Requires
    /// the scope `points:spend`.
    async fn release_hold(
        &self,
        ctx: &Context<'_>,
        input: ReleaseHoldInput,
    ) -> Result<Option<ReleaseHoldPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (hold, user_errors) = split(release(loyalty, actor, &input).await)?;
        Ok(Some(ReleaseHoldPayload { hold: hold.map(Hold::from), user_errors }))
    }
}

async fn hold(loyalty: &Loyalty, actor: &Actor, input: HoldPointsInput) -> CoreResult<holds::Hold> {
    let request = HoldPoints {
        member: input.member.parse()?,
        by: input.by.map(|by| by.parse_at("by")).transpose()?,
        points: input.points.0,
        point_type: input.point_type,
        reason: input.reason,
        expires_at: input.expires_at.map(|DateTime(at)| at),
        idempotency_key: input.idempotency_key,
    };
    loyalty.holds().hold(actor, &request).await
}

async fn capture(
    loyalty: &Loyalty,
    actor: &Actor,
    input: &CaptureHoldInput,
) -> CoreResult<holds::Hold> {
    let request =
        CaptureHold { hold: hold_id(&input.hold_id)?, points: input.points.map(|points| points.0) };
    loyalty.holds().capture(actor, &request).await
}

async fn release(
    loyalty: &Loyalty,
    actor: &Actor,
    input: &ReleaseHoldInput,
) -> CoreResult<holds::Hold> {
    loyalty.holds().release(actor, hold_id(&input.hold_id)?).await
}

fn hold_id(id: &ID) -> CoreResult<HoldId> {
    id.parse().map_err(|error: Error| error.at("holdId"))
}
