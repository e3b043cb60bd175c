//! Unmerging: two members who turned out to be two after all.

use super::Merging;
use super::kin::{KinQuestions, Parted};
use super::rows::{
    MovedRow, OriginRow, PARTED, RETURN_EMPTY_LOTS, RETURN_HOLDS, RETURN_PENDINGS, RETURN_RECORDS,
    RETURN_STATES, RETURN_TIMERS, UnmergeRow,
};
use crate::accounts::{Lots, ask_states};
use crate::cards;
use crate::context::Program;
use crate::db::TryError;
use crate::idempotency::IdempotencyKey;
use crate::members::{Member, MemberRef, Members};
use crate::memberships;
use crate::operation::{self, Operation, decide};
use crate::tokens::{self, Holder};
use crate::{Actor, Code, Error, MemberId, Result, Scope, text};

/// A request to make a merged member one of its own again.
#[derive(Clone, Debug)]
pub struct UnmergeMember {
    /// Who was merged.
    pub member: MemberRef,
    /// Why, for people.
    pub reason: String,
    /// Chosen by the caller, unique among the unmerges of the member; a repeat returns the first.
    pub idempotency_key: String,
}

impl Merging<'_> {
    /// Makes a merged member one of its own again, with what came from it and is still there;
    /// returns it. Fails with `MEMBER_NOT_FOUND`, `CANNOT_BE_UNMERGED`, `IDEMPOTENCY_KEY_REUSED` or
    /// `INVALID_INPUT`; nothing changes then.
    pub async fn unmerge(self, actor: &Actor, request: &UnmergeMember) -> Result<Member> {
        actor.require(Scope::MembersWrite)?;
        actor.require(Scope::PointsAdjust)?;
        request.member.check()?;
        text::name("reason", &request.reason)?;
        let key = IdempotencyKey::new(&request.idempotency_key, &request.reason)?;
        let member = decide(self.context, actor.program(), "unmerging members", |program| {
            self.try_unmerge(program, actor, request, &key)
        })
        .await?;
        Members { context: self.context }.get(actor, member).await
    }

    async fn try_unmerge(
        self,
        program: Program,
        actor: &Actor,
        request: &UnmergeMember,
        key: &IdempotencyKey,
    ) -> Result<MemberId, TryError> {
        let mut look = self.context.look(program.id);
        let questions = KinQuestions::ask(&mut look, &request.member, key);
        let states = ask_states(&mut look, Lots::All);
        let (answers, program) = self.context.ask(&program, look).await?;
        let parted = questions.read(&answers)?;
        if let Some(known) = &parted.known {
            key.check(known)?;
            return Ok(parted.member);
        }
        let survivor = parted.survivor.ok_or_else(|| {
            let why = "the member is not merged into another";
            Error::new(Code::CannotBeUnmerged, why).at("member")
        })?;
        if let Some(hold) = parted.mixed_hold {
            let why = format!("{hold} has reserved points that would go back: end it first");
            return Err(Error::new(Code::CannotBeUnmerged, why).at("member").into());
        }
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        if operation.has_recorded_of(survivor) {
            // What was due ends where it is: no row changes twice in a commit.
            operation.commit().await?;
            return Err(TryError::Outrun("something of the survivor was due".to_owned()));
        }
        operation.act_as(actor.subject());
        write(&mut operation, &parted, survivor, request, key)?;
        operation.commit().await?;
        Ok(parted.member)
    }
}

fn write(
    operation: &mut Operation<'_>,
    parted: &Parted,
    survivor: MemberId,
    request: &UnmergeMember,
    key: &IdempotencyKey,
) -> Result<()> {
    let member = parted.member;
    operation.part(
        &operation::Merging { from: survivor, into: member, reason: &request.reason },
        &parted.parting,
    )?;
    for (origin, external_id) in &parted.kin {
        let row = OriginRow { from_id: survivor, into_id: member, origin_id: *origin };
        operation.run(RETURN_EMPTY_LOTS, &row);
        operation.run(RETURN_HOLDS, &row);
        operation.run(RETURN_PENDINGS, &row);
        // By the records, which are the survivor's until then.
        operation.run(RETURN_STATES, &row);
        operation.run(RETURN_TIMERS, &row);
        operation.run(RETURN_RECORDS, &row);
        operation.run(PARTED, &MovedRow { from_id: *origin, into_id: member });
        memberships::part(operation, (survivor, member), *origin);
        cards::part(operation, (survivor, member), *origin);
        tokens::cut_off(operation, &Holder::Member(external_id.clone()));
    }
    operation.insert(&UnmergeRow {
        member_id: member,
        survivor_id: survivor,
        reason: request.reason.clone(),
        unmerged_at: operation.program().now,
        idempotency_key: key.key.clone(),
        arguments_hash: key.arguments_hash.clone(),
    });
    Ok(())
}
