//! How long points last, changed by hand in the admin schema.

use super::admin::Transaction;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::members::MemberRefInput;
use crate::scalars::DateTime;
use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result, SimpleObject};
use perennial_core::ledger::{self, Lasting, Relast, WhichPoints};
use perennial_core::{Actor, Error, Loyalty, Result as CoreResult, TransactionId};

/// Which of a member's points; exactly one of these. Points that are held or pending are none of
/// them.
#[derive(Debug, OneofObject)]
pub(crate) enum WhichPointsInput {
    /// What remains of what the transactions with these ids gave, at most 100.
    EarnedBy(Vec<ID>),
    /// What would expire before this time.
    ExpiringBefore(DateTime),
    /// Everything that can be spent. Must be `true`.
    All(bool),
}

/// Points that are to last longer.
#[derive(Debug, InputObject)]
pub(crate) struct ExtendPointsInput {
    /// The member whose points they are.
    member: MemberRefInput,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// Which points; those that last as long anyway stay as they are.
    which: WhichPointsInput,
    /// When they expire. Default: never.
    until: Option<DateTime>,
    /// Why, for people: the member sees it. 1 to 200 printable characters.
    reason: String,
    /// Unique for each adjustment of the member, 1 to 128 printable characters. Repeating a request
    /// with the same key returns the first result and changes nothing; reusing the key with other
    /// arguments is refused.
    idempotency_key: String,
}

/// Points that are to expire now.
#[derive(Debug, InputObject)]
pub(crate) struct ExpirePointsInput {
    /// The member whose points they are.
    member: MemberRefInput,
    /// The id of their type in the program file. Default: the program's main points.
    point_type: Option<String>,
    /// Which points.
    which: WhichPointsInput,
    /// Why, for people: the member sees it. 1 to 200 printable characters.
    reason: String,
    /// Unique for each adjustment of the member, 1 to 128 printable characters. Repeating a request
    /// with the same key returns the first result and changes nothing; reusing the key with other
    /// arguments is refused.
    idempotency_key: String,
}

/// Result of letting points last longer.
#[derive(Debug, SimpleObject)]
pub(crate) struct ExtendPointsPayload {
    /// The transaction, of the kind `EXTEND`; its points are those that last longer. Null if the
    /// request was refused.
    transaction: Option<Transaction>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of ending points.
#[derive(Debug, SimpleObject)]
pub(crate) struct ExpirePointsPayload {
    /// The transaction, of the kind `EXPIRE`. Null if the request was refused.
    transaction: Option<Transaction>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct ExtendMutation;

#[Object]
impl ExtendMutation {
    /// Lets points of a member last longer, with a reason. The balance stays. Requires the scope
    /// `points:adjust`.
    async fn extend_points(
        &self,
        ctx: &Context<'_>,
        input: ExtendPointsInput,
    ) -> Result<Option<ExtendPointsPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (transaction, user_errors) = split(extend(loyalty, actor, input).await)?;
        let transaction = transaction.map(Transaction::from);
        Ok(Some(ExtendPointsPayload { transaction, user_errors }))
    }

    /// Lets points of a member expire now, with a reason. It can be made good by `voidTransaction`.
    /// Requires the scope `points:adjust`.
    async fn expire_points(
        &self,
        ctx: &Context<'_>,
        input: ExpirePointsInput,
    ) -> Result<Option<ExpirePointsPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (transaction, user_errors) = split(expire(loyalty, actor, input).await)?;
        let transaction = transaction.map(Transaction::from);
        Ok(Some(ExpirePointsPayload { transaction, user_errors }))
    }
}

async fn extend(
    loyalty: &Loyalty,
    actor: &Actor,
    input: ExtendPointsInput,
) -> CoreResult<ledger::Transaction> {
    let request = Relast {
        member: input.member.parse()?,
        point_type: input.point_type,
        which: input.which.parse().map_err(|error| error.at("which"))?,
        lasting: input.until.map_or(Lasting::ForEver, |until| Lasting::Until(until.0)),
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.ledger().relast(actor, &request).await
}

async fn expire(
    loyalty: &Loyalty,
    actor: &Actor,
    input: ExpirePointsInput,
) -> CoreResult<ledger::Transaction> {
    let request = Relast {
        member: input.member.parse()?,
        point_type: input.point_type,
        which: input.which.parse().map_err(|error| error.at("which"))?,
        lasting: Lasting::NoLonger,
        reason: input.reason,
        idempotency_key: input.idempotency_key,
    };
    loyalty.ledger().relast(actor, &request).await
}

impl WhichPointsInput {
    fn parse(self) -> CoreResult<WhichPoints> {
        match self {
            Self::EarnedBy(ids) => {
                let id = |(index, id): (usize, ID)| {
                    let at = |error: Error| error.at(index.to_string()).at("earnedBy");
                    id.parse::<TransactionId>().map_err(at)
                };
                let ids = ids.into_iter().enumerate().map(id).collect::<CoreResult<_>>();
                ids.map(WhichPoints::EarnedBy)
            }
            Self::ExpiringBefore(at) => Ok(WhichPoints::ExpiringBefore(at.0)),
            Self::All(true) => Ok(WhichPoints::All),
            Self::All(false) => {
                let why = "say `true`, or which points instead";
                Err(Error::new(perennial_core::Code::InvalidInput, why).at("all"))
            }
        }
    }
}
