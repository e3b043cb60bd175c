//! Transfers: points that members give to each other, in both schemas.

use super::admin;
use super::storefront;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::Points;
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::ledger::{Recipient, Transfer, Transferred};
use perennial_core::members::MemberRef;
use perennial_core::{Actor, Loyalty, Result as CoreResult};

/// Points of one member to give to another.
#[derive(Debug, InputObject)]
pub(crate) struct TransferPointsInput {
    /// The member whose points they are.
    from: MemberRefInput,
    /// The member who gets them.
    to: MemberRefInput,
    /// How many points to transfer, at most what the balance has.
    points: Points,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// Why, for people: both members see it. 1 to 200 printable characters.
    reason: String,
    /// Unique for each transfer of the member whose points they are, 1 to 128 printable characters.
    /// Repeating a request with the same key returns the first transfer and changes nothing; reusing
    /// the key with other arguments is refused.
    idempotency_key: String,
}

/// Result of transferring points.
#[derive(Debug, SimpleObject)]
pub(crate) struct TransferPointsPayload {
    /// The transaction of the member whose points they were, of the kind `TRANSFER`. Null if the
    /// request was refused.
    sent: Option<admin::Transaction>,
    /// The transaction of the member who got them, of the kind `TRANSFER`. Null if the request was
    /// refused.
    received: Option<admin::Transaction>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Points to give to another member.
#[derive(Debug, InputObject)]
#[graphql(name = "TransferPointsInput")]
pub(crate) struct OwnTransferInput {
    /// The referral code of the member who gets them: ask that member for it.
    to_referral_code: String,
    /// How many points to transfer, at most what the balance has.
    points: Points,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// A word to the other member, who sees it. 1 to 200 printable characters.
    reason: String,
    /// Unique for each transfer of the member, 1 to 128 printable characters. Repeating a request
    /// with the same key returns the first transfer and changes nothing; reusing the key with other
    /// arguments is refused.
    idempotency_key: String,
}

/// Result of transferring points.
#[derive(Debug, SimpleObject)]
#[graphql(name = "TransferPointsPayload")]
pub(crate) struct OwnTransferPayload {
    /// The member's transaction, of the kind `TRANSFER`. Null if the request was refused.
    transaction: Option<storefront::Transaction>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct TransferMutation;

#[Object]
impl TransferMutation {
    /// Gives points of a member to another, with a reason. They expire when they would have expired,
    /// and count as earned by nobody anew. What is sent of a purchase that comes back later is owed
    /// by the member who bought. A transfer is not voided: transfer the points back. Requires the
    /// scope `points:adjust`; what the program file allows members is no limit to operators.
    async fn transfer_points(
        &self,
        ctx: &Context<'_>,
        input: TransferPointsInput,
    ) -> Result<Option<TransferPointsPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (transferred, user_errors) = split(transfer(loyalty, actor, input).await)?;
        let (sent, received) = match transferred {
            Some(Transferred { sent, received }) => (Some(sent.into()), Some(received.into())),
            None => (None, None),
        };
        Ok(Some(TransferPointsPayload { sent, received, user_errors }))
    }
}

#[derive(Debug, Default)]
pub(crate) struct OwnTransferMutation;

#[Object]
impl OwnTransferMutation {
    /// Gives points of the member to another, if the program allows it. They expire when they would
    /// have expired.
    async fn transfer_points(
        &self,
        ctx: &Context<'_>,
        input: OwnTransferInput,
    ) -> Result<Option<OwnTransferPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let request = Transfer {
            from: MemberRef::Id(ctx.session()?.member()?),
            to: Recipient::ReferralCode(input.to_referral_code),
            points: input.points.0,
            point_type: input.point_type,
            reason: input.reason,
            idempotency_key: input.idempotency_key,
        };
        let transferred = loyalty.ledger().transfer(actor, &request).await;
        let (transferred, user_errors) = split(transferred)?;
        let transaction = transferred.map(|transferred| transferred.sent.into());
        Ok(Some(OwnTransferPayload { transaction, user_errors }))
    }
}

async fn transfer(
    loyalty: &Loyalty,
    actor: &Actor,
    input: TransferPointsInput,
) -> CoreResult<Transferred> {
    let request = Transfer {
        from: input.from.parse_at("from")?,
        to: Recipient::Member(input.to.parse_at("to")?),
        points: input.points.0,
        point_type: input.point_type,
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.ledger().transfer(actor, &request).await
}
