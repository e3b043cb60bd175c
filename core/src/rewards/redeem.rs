//! Redeeming a batch: each redemption is decided from the accounts as those before it left them, and
//! has its own answer.

use super::Redemption;
use crate::accounts::{Lots, States, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::facts::RewardRedeemed;
use crate::hash::ArgumentsHash;
use crate::idempotency::{IdempotencyKey, ask_keys};
use crate::members::{MemberRef, Named, ask_named};
use crate::operation::{Combined, ComesBy, Operation, Parts, Spending, cause, decide};
use crate::{
    Actor, Code, Error, MemberId, Points, ProgramId, RedemptionId, Result, Timestamp, TransactionId,
};
use std::collections::HashMap;

/// A request to redeem a reward that is sound by itself.
#[derive(Debug)]
pub(crate) struct Redeeming {
    pub(super) member: MemberRef,
    pub(super) reward: String,
    pub(super) key: IdempotencyKey,
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

impl Combined for Redeeming {
    type Answer = Redemption;

    const NAME: &'static str = "redemptions";

    fn comes_by(&self) -> ComesBy<'_> {
        self.member.comes_by()
    }

    fn member(redemption: &Redemption) -> MemberId {
        redemption.member
    }

    async fn decide(
        context: &Context,
        program: ProgramId,
        requests: &[(Actor, Self)],
    ) -> Result<Vec<Result<Redemption>>> {
        let mut parts = Parts::of(requests);
        let attempt = |program| attempt(context, program, parts.take());
        decide(context, program, "redeeming rewards", attempt).await
    }
}

async fn attempt(
    context: &Context,
    program: Program,
    requests: &[(Actor, Redeeming)],
) -> Result<Vec<Result<Redemption>>, TryError> {
    let asked = requests.iter().map(|(_, request)| request);
    let (mut found, states, program) = Found::look(context, &program, asked).await?;
    let mut operation = Operation::begin(context, program, states)?;
    let known_before = found.known.len();
    let answers: Vec<_> = requests
        .iter()
        .map(|(actor, request)| {
            operation.act_as(actor.subject());
            found.answer(&mut operation, request)
        })
        .collect();
    // Where nothing is spent, what expired stays for the next look.
    if found.known.len() > known_before {
        operation.commit().await?;
    }
    Ok(answers)
}

/// The members of a batch, and what was redeemed under its keys before and so far.
struct Found {
    named: Named,
    known: HashMap<(MemberId, String), RedemptionRow>,
}

impl Found {
    async fn look<'r>(
        context: &Context,
        program: &Program,
        requests: impl Iterator<Item = &'r Redeeming> + Clone,
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let named = ask_named(&mut look, requests.clone().map(|request| &request.member));
        look.table("who", "SELECT id FROM named");
        let states = ask_states(&mut look, Lots::All);
        ask_keys(&mut look, requests.map(|request| (&request.member, &request.key)));
        let known = look.ask::<RedemptionRow>(KNOWN);
        let (answers, program) = context.ask(program, look).await?;
        let known = answers.rows(known)?.into_iter();
        let found = Self {
            named: named.read(&answers)?,
            known: known.map(|row| ((row.member_id, row.idempotency_key.clone()), row)).collect(),
        };
        Ok((found, states.read(&answers)?, program))
    }

    fn answer(
        &mut self,
        operation: &mut Operation<'_>,
        Redeeming { member: named, reward, key }: &Redeeming,
    ) -> Result<Redemption> {
        let member = self.named.id(named)?;
        if let Some(known) = self.known(named, key) {
            key.check(&known.arguments_hash)?;
            return Ok(known.redemption());
        }
        let row = operation.whole(&[member], |operation| {
            let row = redeem(operation, member, reward, key)?;
            operation.insert(&row);
            Ok(row)
        })?;
        let redemption = row.redemption();
        self.known.insert((member, key.key.clone()), row);
        Ok(redemption)
    }

    /// What was redeemed under a key by whoever is meant: before it was merged, or else by its
    /// survivor.
    fn known(&self, named: &MemberRef, key: &IdempotencyKey) -> Option<&RedemptionRow> {
        let of_key = self.known.iter().filter(|((_, known), _)| *known == key.key);
        let of_member = of_key.filter(|((member, _), _)| self.named.is(named, *member));
        let survivor = self.named.get(named).map(|member| member.id);
        of_member.min_by_key(|((member, _), _)| Some(*member) == survivor).map(|(_, row)| row)
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
        &Spending {
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
    fn redemption(&self) -> Redemption {
        Redemption {
            id: self.id,
            member: self.member_id,
            reward: self.reward.clone(),
            points: self.points,
            balance: self.balance_after,
            redeemed_at: self.redeemed_at,
            transaction: self.transaction_id,
        }
    }
}
