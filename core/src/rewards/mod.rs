//! Rewards: spending points. The member's lock decides; fifty redemptions at once give exactly what the balance affords.

mod reward;

pub use reward::Reward;

use crate::db::{self, rows};
use crate::events::{self, NewEvent};
use crate::hash::arguments_hash;
use crate::ledger::{self, Batch, Spending};
use crate::members;
use crate::programs::Program;
use crate::{
    Actor, Code, Error, Loyalty, MemberId, Points, RedemptionId, Result, Scope, Timestamp,
    TransactionId,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How often a redemption is tried again when another writer was first.
const TRIES: usize = 5;
const KEY_MAX: usize = 128;

/// A wish to redeem.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub member: MemberId,
    /// A reward's id in the program file.
    pub reward: String,
    /// Chosen by the caller, unique per member and wish; a repeat answers the first redemption.
    pub idempotency_key: String,
}

/// Points spent on a reward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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

/// The service. Get it from [`Loyalty::rewards`].
#[derive(Clone, Copy, Debug)]
pub struct Rewards<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Rewards<'_> {
    /// Fails with `INSUFFICIENT_POINTS`, `REWARD_NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED`; nothing is spent then.
    pub async fn redeem(self, actor: &Actor, wish: Redeem) -> Result<Redemption> {
        actor.require_for(wish.member, Scope::RewardsRedeem)?;
        if wish.idempotency_key.is_empty() || wish.idempotency_key.len() > KEY_MAX {
            let why = format!("use 1 to {KEY_MAX} bytes of your choice, new for each redemption");
            return Err(Error::new(Code::InvalidInput, why).at("idempotencyKey"));
        }
        for _ in 0..TRIES {
            let program = self.loyalty.programs().current(actor.program()).await?;
            if let Some(first) = self.repeated(&program, &wish).await? {
                return Ok(first);
            }
            match self.attempt(actor, &program, &wish).await {
                Err(error) if error.code() == Code::Unavailable => {}
                answer => return answer,
            }
        }
        Err(Error::new(Code::Unavailable, "the member is being changed by too many at once"))
    }

    async fn repeated(self, program: &Program, wish: &Redeem) -> Result<Option<Redemption>> {
        #[derive(FromQueryResult)]
        struct Known {
            arguments_hash: String,
            answer: Value,
        }
        const SELECT: &str = "SELECT arguments_hash, answer FROM redemptions \
             WHERE program_id = $1 AND member_id = $2 AND idempotency_key = $3";
        let db = self.loyalty.db().read();
        let values =
            [rows::id(program.id), rows::id(wish.member), wish.idempotency_key.as_str().into()];
        let Some(known) = Known::find_by_statement(rows::sql(db, SELECT, values)).one(db).await?
        else {
            return Ok(None);
        };
        if known.arguments_hash != arguments_hash(&wish.reward) {
            let why = "this key was used to redeem another reward";
            return Err(Error::new(Code::IdempotencyKeyReused, why).at("idempotencyKey"));
        }
        let answer = serde_json::from_value(known.answer);
        answer.map(Some).map_err(|error| Error::internal("a stored redemption").caused_by(error))
    }

    async fn attempt(self, actor: &Actor, program: &Program, wish: &Redeem) -> Result<Redemption> {
        let reward = program.definition.reward(&wish.reward).ok_or_else(|| {
            Error::new(Code::RewardNotFound, format!("there is no reward `{}`", wish.reward))
                .at("reward")
        })?;
        let tx = self.loyalty.db().begin().await?;
        let member = members::lock_one(&tx, program.id, wish.member).await?;
        let mut locked = BTreeMap::from([(wish.member, member)]);
        let mut batch = Batch::new(program.id, self.loyalty.now(), actor.subject());
        let mut told =
            ledger::expire(&tx, &mut batch, program.id, &mut locked, program.now).await?;
        let mut member = locked.remove(&wish.member).ok_or_else(members::not_found)?;
        let id = RedemptionId::new();
        let explanation =
            json!({ "reward": reward.id, "redemption": id, "revision": program.revision });
        let spending = Spending { points: reward.points, at: program.now, explanation };
        let transaction = ledger::spend(&tx, &mut batch, program.id, &mut member, spending).await?;
        let redemption = Redemption {
            id,
            member: wish.member,
            reward: reward.id.clone(),
            points: reward.points,
            balance: member.balance,
            redeemed_at: program.now,
            transaction,
        };
        told.extend(spent(&mut member, &redemption));
        batch.write(&tx).await?;
        members::store(&tx, program.id, [&member]).await?;
        insert(&tx, program, wish, &redemption).await?;
        events::append(&tx, program.id, told, self.loyalty.now()).await?;
        tx.commit().await?;
        self.loyalty.wake();
        Ok(redemption)
    }
}

fn spent(member: &mut members::Locked, redemption: &Redemption) -> [NewEvent; 2] {
    let at = redemption.redeemed_at;
    let spent = json!({
        "transactionId": redemption.transaction, "points": redemption.points,
        "balance": redemption.balance, "reward": redemption.reward,
    });
    let redeemed = json!({
        "redemptionId": redemption.id, "reward": redemption.reward, "points": redemption.points,
    });
    [
        NewEvent::of(member, "points-spent", at, spent),
        NewEvent::of(member, "reward-redeemed", at, redeemed),
    ]
}

async fn insert(
    tx: &impl ConnectionTrait,
    program: &Program,
    wish: &Redeem,
    redemption: &Redemption,
) -> Result<()> {
    const INSERT: &str = "INSERT INTO redemptions (program_id, id, member_id, reward, points, transaction_id, \
         idempotency_key, arguments_hash, answer, redeemed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let answer = serde_json::to_value(redemption)
        .map_err(|error| Error::internal("a redemption that cannot be JSON").caused_by(error))?;
    let values = [
        rows::id(program.id),
        rows::id(redemption.id),
        rows::id(redemption.member),
        redemption.reward.as_str().into(),
        redemption.points.into(),
        rows::id(redemption.transaction),
        wish.idempotency_key.as_str().into(),
        arguments_hash(&wish.reward).into(),
        answer.into(),
        redemption.redeemed_at.into(),
    ];
    match tx.execute_raw(rows::sql(tx, INSERT, values)).await {
        // The same key at the same moment: the other one answers for both.
        Err(error) if db::is_duplicate(&error) => {
            Err(Error::new(Code::Unavailable, "redeemed meanwhile").caused_by(error))
        }
        other => Ok(other.map(drop)?),
    }
}
