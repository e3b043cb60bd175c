//! Rewards: spending points. Fifty redemptions at once give exactly what the balance affords: each
//! is decided from the account as it was read, and whoever was outrun decides again.

pub(crate) mod section;

pub use section::Reward;

use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::facts::{PointsSpent, RewardRedeemed};
use crate::hash::arguments_hash;
use crate::members::{MemberRef, ask_named, the_named};
use crate::operation::{Operation, Spending, decide};
use crate::{
    Actor, Code, Error, MemberId, Points, RedemptionId, Result, Scope, Timestamp, TransactionId,
};
use serde_json::json;

const KEY_MAX: usize = 128;

/// A request to redeem a reward.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub member: MemberRef,
    /// A reward's id in the program file.
    pub reward: String,
    /// Chosen by the caller, unique per member and request; a repeat answers the first redemption.
    pub idempotency_key: String,
}

/// Points spent on a reward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    pub id: RedemptionId,
    pub member: MemberId,
    pub reward: String,
    pub points: Points,
    /// What was left.
    pub balance: Points,
    pub redeemed_at: Timestamp,
    pub transaction: TransactionId,
}

row! {
    struct RedemptionRow in "redemptions" {
        id: RedemptionId,
        member_id: MemberId,
        reward: String,
        points: Points,
        transaction_id: TransactionId,
        idempotency_key: String,
        arguments_hash: Vec<u8>,
        balance_after: Points,
        redeemed_at: Timestamp,
    }
}

row! {
    struct IdempotencyKey {
        key: String,
    }
}

const KNOWN: &str = "
    SELECT d.id, d.member_id, d.reward, d.points, d.transaction_id, d.idempotency_key,
        d.arguments_hash, d.balance_after, d.redeemed_at
    FROM (SELECT named.id, r.key FROM named CROSS JOIN {rows} AS r) AS k EACH redemptions AS d
    WHERE d.program_id = $1 AND d.member_id = k.id AND d.idempotency_key = k.key";

/// The service. Get it from [`crate::Loyalty::rewards`].
#[derive(Clone, Copy, Debug)]
pub struct Rewards<'a> {
    pub(crate) context: &'a Context,
}

impl Rewards<'_> {
    /// Fails with `INSUFFICIENT_POINTS`, `REWARD_NOT_FOUND`, `MEMBER_NOT_FOUND`,
    /// `IDEMPOTENCY_KEY_REUSED`; nothing is spent then.
    pub async fn redeem(self, actor: &Actor, request: &Redeem) -> Result<Redemption> {
        match request.member {
            MemberRef::Id(id) => actor.require_for(id, Scope::RewardsRedeem)?,
            MemberRef::ExternalId(_) => actor.require(Scope::RewardsRedeem)?,
        }
        if request.idempotency_key.is_empty() || request.idempotency_key.len() > KEY_MAX {
            let why = format!("use 1 to {KEY_MAX} bytes of your choice, new for each redemption");
            return Err(Error::new(Code::InvalidInput, why).at("idempotencyKey"));
        }
        decide(self.context, actor.program(), "redeeming a reward", |program| {
            self.attempt(program, actor, request)
        })
        .await
    }

    async fn attempt(
        self,
        program: Program,
        actor: &Actor,
        request: &Redeem,
    ) -> Result<Redemption, TryError> {
        let mut look = self.context.look(program.id);
        let member = ask_named(&mut look, [&request.member]);
        look.table("who", "SELECT id FROM named");
        let states = ask_states(&mut look, Lots::All);
        let key = IdempotencyKey { key: request.idempotency_key.clone() };
        let known = look.ask_over::<_, RedemptionRow>(KNOWN, &[key]);
        let (answers, program) = self.context.ask(&program, look).await?;
        if let Some(known) = answers.rows(known)?.pop() {
            return Ok(known.repeat(request)?);
        }
        let member = the_named(&answers, member)?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        let redemption = redeem(&mut operation, member, request)?;
        operation.commit().await?;
        Ok(redemption)
    }
}

fn redeem(operation: &mut Operation<'_>, member: MemberId, request: &Redeem) -> Result<Redemption> {
    let Program { definition, revision, now, .. } = operation.program().clone();
    let reward = definition.reward(&request.reward).ok_or_else(|| {
        let why = format!("there is no reward `{}`", request.reward);
        Error::new(Code::RewardNotFound, why).at("reward")
    })?;
    let (id, points) = (RedemptionId::new(), reward.points);
    let explanation = json!({ "reward": reward.id, "redemption": id, "revision": revision });
    let transaction = operation.spend(member, Spending { points, at: now, explanation })?;
    let balance = operation.balance(member)?;
    let reward = || reward.id.clone();
    let spent = PointsSpent { transaction_id: transaction, points, balance, reward: reward() };
    operation.record(member, now, spent)?;
    let redeemed = RewardRedeemed { redemption_id: id, reward: reward(), points };
    operation.record(member, now, redeemed)?;
    operation.insert(&RedemptionRow {
        id,
        member_id: member,
        reward: reward(),
        points,
        transaction_id: transaction,
        idempotency_key: request.idempotency_key.clone(),
        arguments_hash: arguments_hash(&request.reward),
        balance_after: balance,
        redeemed_at: now,
    });
    Ok(Redemption { id, member, reward: reward(), points, balance, redeemed_at: now, transaction })
}

impl RedemptionRow {
    /// What an earlier request with the same key was answered.
    fn repeat(self, request: &Redeem) -> Result<Redemption> {
        if self.arguments_hash != arguments_hash(&request.reward) {
            let why = "this key was used to redeem another reward";
            return Err(Error::new(Code::IdempotencyKeyReused, why).at("idempotencyKey"));
        }
        Ok(Redemption {
            id: self.id,
            member: self.member_id,
            reward: self.reward,
            points: self.points,
            balance: self.balance_after,
            redeemed_at: self.redeemed_at,
            transaction: self.transaction_id,
        })
    }
}
