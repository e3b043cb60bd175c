//! Joining a group, changing the terms, and leaving it.

use super::Memberships;
use super::look::{Found, no_membership};
use super::model::{ChangeMembership, JoinGroup, LeaveGroup, Membership};
use super::terms::{CHANGES_MAX, Held};
use crate::accounts::MemberState;
use crate::context::Program;
use crate::db::TryError;
use crate::facts::{GroupJoined, GroupLeft, MembershipChanged};
use crate::members::MemberRef;
use crate::operation::{Operation, decide};
use crate::{Actor, Code, Error, MemberId, Result, Scope, Timestamp};

const CHANGE: &str = "
    UPDATE memberships
    SET accrual = r.accrual, may_spend = r.may_spend, joined_at = r.joined_at, left_at = r.left_at,
        past_accruals = r.past_accruals, origin_accrual = r.origin_accrual,
        origin_until = r.origin_until, ended_by = r.ended_by
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.id = r.id";

impl Memberships<'_> {
    /// Lets a person belong to a group. A repeat returns the same membership, and one that says an
    /// earlier `joined_at` puts that right. Fails with
    /// `MEMBER_NOT_FOUND`, `MEMBER_ERASED`, `MEMBERSHIP_EXISTS`, `ACCRUES_ELSEWHERE`, `TOO_MANY`,
    /// `FUTURE_INSTANT` or `INVALID_INPUT`; nothing changes then.
    pub async fn join(self, actor: &Actor, request: &JoinGroup) -> Result<Membership> {
        check(actor, &request.group, &request.person)?;
        decide(self.context, actor.program(), "joining a group", |program| {
            self.try_join(program, actor, request)
        })
        .await
    }

    /// Changes on which terms a person belongs to a group, for what happens from now on. Fails with
    /// `MEMBER_NOT_FOUND`, `MEMBERSHIP_NOT_FOUND`, `ACCRUES_ELSEWHERE` or `TOO_MANY`; nothing
    /// changes then.
    pub async fn change(self, actor: &Actor, request: &ChangeMembership) -> Result<Membership> {
        check(actor, &request.group, &request.person)?;
        decide(self.context, actor.program(), "changing a membership", |program| {
            self.try_change(program, actor, request)
        })
        .await
    }

    /// Lets a person belong to a group no longer. A repeat returns the membership that ended last.
    /// What the person's purchases brought the group stays the group's. Fails with
    /// `MEMBER_NOT_FOUND` or `MEMBERSHIP_NOT_FOUND`; nothing changes then.
    pub async fn leave(self, actor: &Actor, request: &LeaveGroup) -> Result<Membership> {
        check(actor, &request.group, &request.person)?;
        decide(self.context, actor.program(), "leaving a group", |program| {
            self.try_leave(program, actor, request)
        })
        .await
    }

    async fn try_join(
        self,
        program: Program,
        actor: &Actor,
        request: &JoinGroup,
    ) -> Result<Membership, TryError> {
        let look = Found::look(self.context, &program, &request.group, &request.person);
        let (found, states, program) = look.await?;
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        if let Some(open) = found.open() {
            let again = request.again(&found, open, operation.program())?;
            commit_changed(operation, &found, &[(open, &again)]).await?;
            return Ok(again.membership());
        }
        let membership = request.membership(&found, operation.program(), operation.decided_at())?;
        operation.insert(&membership);
        let fact = GroupJoined {
            membership_id: membership.id,
            group_id: membership.group_id,
            accrual: membership.accrual.as_str(),
            may_spend: membership.may_spend,
            joined_at: membership.joined_at,
        };
        let now = operation.program().now;
        operation.record(found.person, now, fact).map_err(|error| error.at("person"))?;
        touch(&mut operation, found.group)?;
        operation.commit().await?;
        Ok(membership)
    }

    async fn try_change(
        self,
        program: Program,
        actor: &Actor,
        request: &ChangeMembership,
    ) -> Result<Membership, TryError> {
        let look = Found::look(self.context, &program, &request.group, &request.person);
        let (found, states, program) = look.await?;
        let open = found.must_be_open()?;
        found.check_accrual(request.accrual.unwrap_or(open.accrual))?;
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        let since = found.free_since(operation.decided_at());
        let changed = request.applied_to(open, since);
        check_changes(&changed)?;
        // What was taken from the one that two are is not the other's again once they are two.
        let others = found.ended_by_merges().iter();
        let others: Vec<_> = others.map(|one| (one, request.narrowing(one, since))).collect();
        let all = others.iter().map(|(before, after)| (*before, after));
        let all: Vec<_> = [(open, &changed)].into_iter().chain(all).collect();
        commit_changed(operation, &found, &all).await?;
        Ok(changed.membership())
    }

    async fn try_leave(
        self,
        program: Program,
        actor: &Actor,
        request: &LeaveGroup,
    ) -> Result<Membership, TryError> {
        let look = Found::look(self.context, &program, &request.group, &request.person);
        let (found, states, program) = look.await?;
        let Some(open) = found.open() else {
            return Ok(found.last().map(Held::membership).ok_or_else(no_membership)?);
        };
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        let left_at = operation.decided_at().max(open.joined_at);
        let left = Held { left_at: Some(left_at), ..open.clone() };
        operation.run(CHANGE, &left);
        for one in found.ended_by_merges() {
            // It ends for good, whoever is two again.
            operation.run(CHANGE, &Held { ended_by: None, ..one.clone() });
        }
        let fact = GroupLeft { membership_id: left.id, group_id: found.group };
        operation.record(found.person, left_at, fact)?;
        touch(&mut operation, found.group)?;
        operation.commit().await?;
        Ok(left.membership())
    }
}

fn check(actor: &Actor, group: &MemberRef, person: &MemberRef) -> Result<()> {
    actor.require(Scope::MembersWrite)?;
    group.check_at("group")?;
    person.check_at("person")
}

fn check_changes(changed: &Held) -> Result<()> {
    if changed.is_changed_too_often() {
        let why = format!(
            "the accrual was changed {CHANGES_MAX} times: let the person leave and join again"
        );
        return Err(Error::new(Code::TooMany, why).at("accrual"));
    }
    Ok(())
}

/// Has decided again whatever is being decided by the memberships of an account.
fn touch(operation: &mut Operation<'_>, member: MemberId) -> Result<()> {
    operation.change(member).map(MemberState::touch)
}

/// Writes those that are not what they were, if any are.
async fn commit_changed(
    mut operation: Operation<'_>,
    found: &Found,
    all: &[(&Held, &Held)],
) -> Result<(), TryError> {
    let changed: Vec<_> = all.iter().filter(|(before, after)| before != after).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let now = operation.program().now;
    for (_, after) in changed {
        operation.run(CHANGE, *after);
        if after.is_open() {
            let fact = MembershipChanged {
                membership_id: after.id,
                group_id: after.group_id,
                accrual: after.accrual.as_str(),
                may_spend: after.may_spend,
                joined_at: after.joined_at,
            };
            operation.record(found.person, now, fact)?;
        }
    }
    touch(&mut operation, found.person)?;
    touch(&mut operation, found.group)?;
    operation.commit().await
}

impl ChangeMembership {
    /// The membership on the terms that are asked for. What somebody has said of the accrual stays
    /// so, whatever it was before a merge.
    fn applied_to(&self, one: &Held, since: Timestamp) -> Held {
        let Some(accrual) = self.accrual else {
            return Held { may_spend: self.may_spend.unwrap_or(one.may_spend), ..one.clone() };
        };
        Held {
            may_spend: self.may_spend.unwrap_or(one.may_spend),
            origin_accrual: None,
            ..one.accruing_since(accrual, since)
        }
    }

    /// The same, but that nobody gets a right to spend by it.
    fn narrowing(&self, one: &Held, since: Timestamp) -> Held {
        let applied = self.applied_to(one, since);
        Held { may_spend: one.may_spend && applied.may_spend, ..applied }
    }
}
