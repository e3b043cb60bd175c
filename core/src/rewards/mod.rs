//! Rewards: spending points. Redemptions that arrive while a commit is in flight are decided together
//! by the next one, in order: fifty at once give exactly what the balance affords. A batch of any size
//! is two statements, a look and a commit.

mod redeem;
pub(crate) mod section;

pub(crate) use redeem::Redeeming;
pub use section::Reward;

use crate::context::Context;
use crate::db::id;
use crate::idempotency::IdempotencyKey;
use crate::members::MemberRef;
use crate::operation::Combiner;
use crate::{Actor, MemberId, Points, RedemptionId, Result, Scope, Timestamp, TransactionId};
use sea_orm::FromQueryResult;
use std::sync::Arc;

/// A request to redeem a reward.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub member: MemberRef,
    /// Of a group: which of its people spends. None where the group itself or its operator does.
    pub by: Option<MemberRef>,
    /// A reward's id in the program file.
    pub reward: String,
    /// Chosen by the caller, unique among the member's redemptions; a repeat returns the first.
    pub idempotency_key: String,
}

/// Points spent on a reward.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Redemption {
    pub id: RedemptionId,
    #[sea_orm(alias = "member_id")]
    pub member: MemberId,
    pub reward: String,
    pub points: Points,
    /// What was left.
    #[sea_orm(alias = "balance_after")]
    pub balance: Points,
    pub redeemed_at: Timestamp,
    #[sea_orm(alias = "transaction_id")]
    pub transaction: TransactionId,
    /// Which of the group's people spent them, if one did.
    #[sea_orm(alias = "by_id")]
    pub by: Option<MemberId>,
}

/// The service. Get it from [`crate::Loyalty::rewards`].
#[derive(Clone, Copy, Debug)]
pub struct Rewards<'a> {
    pub(crate) context: &'a Arc<Context>,
    pub(crate) combiner: &'a Arc<Combiner<Redeeming>>,
}

impl Rewards<'_> {
    /// A person redeems for itself, or for a group whose points it may spend. Fails with
    /// `INSUFFICIENT_POINTS`, `REWARD_NOT_FOUND`, `MEMBER_NOT_FOUND`, `MAY_NOT_SPEND`,
    /// `IDEMPOTENCY_KEY_REUSED`, and with `UNAVAILABLE` when too many of the program are waiting;
    /// nothing is spent then.
    pub async fn redeem(self, actor: &Actor, request: &Redeem) -> Result<Redemption> {
        match request.by.as_ref().unwrap_or(&request.member) {
            MemberRef::Id(id) => actor.require_for(*id, Scope::RewardsRedeem)?,
            MemberRef::ExternalId(_) => actor.require(Scope::RewardsRedeem)?,
        }
        request.member.check()?;
        request.by.as_ref().map_or(Ok(()), |by| by.check_at("by"))?;
        let key = IdempotencyKey::new(&request.idempotency_key, &request.reward)?;
        let (member, by) = (request.member.clone(), request.by.clone());
        let redeeming = Redeeming { member, by, reward: request.reward.clone(), key };
        self.combiner.decide(self.context, actor.clone(), redeeming).await
    }

    /// A redemption; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, redemption: RedemptionId) -> Result<Option<Redemption>> {
        const SELECT: &str = "
            SELECT d.id, COALESCE(m.merged_into, d.member_id) AS member_id, d.reward, d.points,
                d.balance_after, d.redeemed_at, d.transaction_id,
                COALESCE(s.merged_into, d.by_id) AS by_id
            FROM redemptions AS d
            JOIN members AS m ON m.program_id = $1 AND m.id = d.member_id
            LEFT JOIN members AS s ON s.program_id = $1 AND s.id = d.by_id
            WHERE d.program_id = $1 AND d.id = $2";
        let db = &self.context.db;
        let statement = db.sql(SELECT, [id(actor.program()), id(redemption)]);
        let found = Redemption::find_by_statement(statement).one(db.read()).await?;
        let may_see = |found: &Redemption| {
            actor.require_for(found.member, Scope::Read).is_ok()
                || found.by.is_some_and(|by| actor.require_for(by, Scope::Read).is_ok())
                || actor.require(Scope::RewardsRedeem).is_ok()
        };
        Ok(found.filter(may_see))
    }
}
