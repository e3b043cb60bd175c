//! Rewards: spending points. Fifty redemptions at once give exactly what the balance affords: each
//! is decided from the account as it was read, and whoever was outrun decides again.

pub(crate) mod section;

pub use section::Reward;

use crate::accounts::Lots;
use crate::context::{Context, Program};
use crate::db::{TryError, id, row};
use crate::facts::RewardRedeemed;
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::members::{MemberRef, ask_named_states, the_named};
use crate::operation::{Operation, Spending, cause, decide};
use crate::{
    Actor, Code, Error, MemberId, Points, RedemptionId, Result, Scope, Timestamp, TransactionId,
};
use sea_orm::FromQueryResult;

/// A request to redeem a reward.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub member: MemberRef,
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
}

row! {
    struct RedemptionRow in "redemptions" {
        id: RedemptionId,
        member_id: MemberId,
        reward: String,
        points: Points,
        transaction_id: TransactionId,
        idempotency_key: String,
        arguments_hash: ArgumentsHash,
        balance_after: Points,
        redeemed_at: Timestamp,
    }
}

const KNOWN: &str = "
    SELECT d.id, d.member_id, d.reward, d.points, d.transaction_id, d.idempotency_key,
        d.arguments_hash, d.balance_after, d.redeemed_at
    FROM request AS k EACH redemptions AS d
    WHERE d.program_id = $1 AND d.member_id = k.member_id AND d.idempotency_key = k.key";

/// The service. Get it from [`crate::Loyalty::rewards`].
#[derive(Clone, Copy, Debug)]
pub struct Rewards<'a> {
    pub(crate) context: &'a Context,
}

impl Rewards<'_> {
    /// Fails with `INSUFFICIENT_POINTS`, `REWARD_NOT_FOUND`, `MEMBER_NOT_FOUND`,
    /// `IDEMPOTENCY_KEY_REUSED`; nothing is spent then.
    pub async fn redeem(self, actor: &Actor, request: &Redeem) -> Result<Redemption> {
        match &request.member {
            MemberRef::Id(id) => actor.require_for(*id, Scope::RewardsRedeem)?,
            MemberRef::ExternalId(_) => actor.require(Scope::RewardsRedeem)?,
        }
        request.member.check()?;
        let key = IdempotencyKey::new(&request.idempotency_key, &request.reward)?;
        decide(self.context, actor.program(), "redeeming a reward", |program| {
            self.attempt(program, actor, request, &key)
        })
        .await
    }

    /// A redemption; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, redemption: RedemptionId) -> Result<Option<Redemption>> {
        const SELECT: &str = "
            SELECT d.id, COALESCE(m.merged_into, d.member_id) AS member_id, d.reward, d.points,
                d.balance_after, d.redeemed_at, d.transaction_id
            FROM redemptions AS d
            JOIN members AS m ON m.program_id = $1 AND m.id = d.member_id
            WHERE d.program_id = $1 AND d.id = $2";
        let db = &self.context.db;
        let statement = db.sql(SELECT, [id(actor.program()), id(redemption)]);
        let found = Redemption::find_by_statement(statement).one(db.read()).await?;
        let may_see = |found: &Redemption| {
            actor.require_for(found.member, Scope::Read).is_ok()
                || actor.require(Scope::RewardsRedeem).is_ok()
        };
        Ok(found.filter(may_see))
    }

    async fn attempt(
        self,
        program: Program,
        actor: &Actor,
        request: &Redeem,
        key: &IdempotencyKey,
    ) -> Result<Redemption, TryError> {
        let mut look = self.context.look(program.id);
        let (member, states) = ask_named_states(&mut look, &request.member, Lots::All);
        key.ask(&mut look);
        let known = look.ask::<RedemptionRow>(KNOWN);
        let (found, program) = self.context.ask(&program, look).await?;
        if let Some(known) = found.rows(known)?.pop() {
            key.check(&known.arguments_hash)?;
            return Ok(known.redemption());
        }
        let member = the_named(&found, member)?;
        let mut operation = Operation::begin(self.context, program, states.read(&found)?)?;
        operation.act_as(actor.subject());
        let row = redeem(&mut operation, member, &request.reward, key)?;
        operation.insert(&row);
        operation.commit().await?;
        Ok(row.redemption())
    }
}

fn redeem(
    operation: &mut Operation<'_>,
    member: MemberId,
    reward: &str,
    key: &IdempotencyKey,
) -> Result<RedemptionRow> {
    let Program { definition, revision, now, .. } = operation.program().clone();
    let reward = definition.reward(reward).ok_or_else(|| {
        let why = format!("there is no reward `{reward}`");
        Error::new(Code::RewardNotFound, why).at("rewardKey")
    })?;
    let (id, points) = (RedemptionId::new(), reward.points);
    let transaction = operation.spend(
        member,
        Spending {
            points,
            point_type: reward.point_type.clone(),
            at: now,
            cause: cause::Reward { reward: reward.id.clone(), redemption: id, revision }.into(),
            reason: reward.name.get([definition.locale.as_str()]).to_owned(),
            reward: Some(reward.id.clone()),
        },
    )?;
    let redeemed = RewardRedeemed { redemption_id: id, reward: reward.id.clone(), points };
    operation.record(member, now, redeemed)?;
    Ok(RedemptionRow {
        id,
        member_id: member,
        reward: reward.id.clone(),
        points,
        transaction_id: transaction,
        idempotency_key: key.key.clone(),
        arguments_hash: key.arguments_hash.clone(),
        balance_after: operation.state(member)?.balance(&reward.point_type),
        redeemed_at: now,
    })
}

impl RedemptionRow {
    fn redemption(self) -> Redemption {
        Redemption {
            id: self.id,
            member: self.member_id,
            reward: self.reward,
            points: self.points,
            balance: self.balance_after,
            redeemed_at: self.redeemed_at,
            transaction: self.transaction_id,
        }
    }
}
