//! Joining a group, changing the terms, and leaving it.

use super::Memberships;
use super::look::{Found, no_membership};
use super::model::{Accrual, ChangeMembership, GROUPS_MAX, JoinGroup, LeaveGroup, Membership};
use crate::accounts::MemberState;
use crate::context::Program;
use crate::db::{TryError, row};
use crate::facts::{GroupJoined, GroupLeft, MembershipChanged};
use crate::members::MemberRef;
use crate::operation::{Operation, decide};
use crate::text::invalid;
use crate::{Actor, Code, Error, MemberId, MembershipId, Result, Scope, Timestamp};

row! {
    struct ChangedRow {
        id: MembershipId,
        accrual: Accrual,
        may_spend: bool,
        left_at: Option<Timestamp>,
    }
}

/// What somebody has changed stays so, whatever it was before a merge.
const CHANGE: &str = "
    UPDATE memberships
    SET accrual = r.accrual, may_spend = r.may_spend, left_at = r.left_at, origin_accrual = NULL
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.id = r.id";

impl Memberships<'_> {
    /// Lets a person belong to a group. A repeat returns the same membership. Fails with
    /// `MEMBER_NOT_FOUND`, `MEMBER_ERASED`, `MEMBERSHIP_EXISTS`, `ACCRUES_ELSEWHERE`, `TOO_MANY`,
    /// `FUTURE_INSTANT` or `INVALID_INPUT`; nothing changes then.
    pub async fn join(self, actor: &Actor, request: &JoinGroup) -> Result<Membership> {
        check(actor, &request.group, &request.person)?;
        decide(self.context, actor.program(), "joining a group", |program| {
            self.try_join(program, actor, request)
        })
        .await
    }

    /// Changes on which terms a person belongs to a group, for what is recorded from now on. Fails
    /// with `MEMBER_NOT_FOUND`, `MEMBERSHIP_NOT_FOUND` or `ACCRUES_ELSEWHERE`; nothing changes then.
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
        if let Some(open) = found.open() {
            return Ok(request.repeats(open)?.clone());
        }
        let membership = request.membership(&found, &program)?;
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
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
        let changed = Membership {
            accrual: request.accrual.unwrap_or(open.accrual),
            may_spend: request.may_spend.unwrap_or(open.may_spend),
            ..open.clone()
        };
        if changed == *open {
            return Ok(changed);
        }
        found.check_accrual(changed.accrual)?;
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        operation.run(CHANGE, &ChangedRow::of(&changed));
        let fact = MembershipChanged {
            membership_id: changed.id,
            group_id: changed.group_id,
            accrual: changed.accrual.as_str(),
            may_spend: changed.may_spend,
        };
        let now = operation.program().now;
        operation.record(found.person, now, fact)?;
        touch(&mut operation, found.group)?;
        operation.commit().await?;
        Ok(changed)
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
            return Ok(found.last().cloned().ok_or_else(no_membership)?);
        };
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        let now = operation.program().now;
        let left = Membership { left_at: Some(now.max(open.joined_at)), ..open.clone() };
        operation.run(CHANGE, &ChangedRow::of(&left));
        operation.record(
            found.person,
            now,
            GroupLeft { membership_id: left.id, group_id: found.group },
        )?;
        touch(&mut operation, found.group)?;
        operation.commit().await?;
        Ok(left)
    }
}

fn check(actor: &Actor, group: &MemberRef, person: &MemberRef) -> Result<()> {
    actor.require(Scope::MembersWrite)?;
    group.check_at("group")?;
    person.check_at("person")
}

/// Has decided again whatever is being decided by the memberships of an account.
fn touch(operation: &mut Operation<'_>, member: MemberId) -> Result<()> {
    operation.change(member).map(MemberState::touch)
}

impl JoinGroup {
    /// The membership that holds, if this repeats what it began with. Fails with
    /// `MEMBERSHIP_EXISTS` if it does not.
    fn repeats<'m>(&self, open: &'m Membership) -> Result<&'m Membership> {
        let is_same = open.accrual == self.accrual
            && open.may_spend == self.may_spend
            && self.joined_at.is_none_or(|joined_at| joined_at == open.joined_at);
        if is_same {
            return Ok(open);
        }
        let why = format!(
            "the person belongs to the group since {}, on other terms: {}, {}",
            open.joined_at,
            open.accrual.as_str(),
            if open.may_spend { "may spend" } else { "may not spend" },
        );
        Err(Error::new(Code::MembershipExists, why).at("person"))
    }

    fn membership(&self, found: &Found, program: &Program) -> Result<Membership> {
        found.check_accrual(self.accrual)?;
        if found.all().iter().filter(|one| one.is_open()).count() >= GROUPS_MAX {
            let why = format!("a person belongs to at most {GROUPS_MAX} groups at a time");
            return Err(Error::new(Code::TooMany, why).at("person"));
        }
        let joined_at = program.instant("joinedAt", self.joined_at)?;
        let membership = Membership {
            id: MembershipId::new(),
            group_id: found.group,
            person_id: found.person,
            accrual: self.accrual,
            may_spend: self.may_spend,
            joined_at,
            left_at: None,
        };
        // At any time a person belongs to a group once, and accrues to one at the most.
        let meets = |one: &&Membership| {
            one.left_at.is_some_and(|left_at| left_at > joined_at)
                && (one.group_id == found.group || (one.accrues() && membership.accrues()))
        };
        match found.all().iter().filter(meets).max_by_key(|one| one.left_at) {
            None => Ok(membership),
            Some(Membership { group_id, left_at: Some(left_at), .. }) => Err(invalid(
                "joinedAt",
                format!("the person belonged to {group_id} until {left_at}: use that or later"),
            )),
            Some(_) => Err(Error::internal("an open membership ended")),
        }
    }
}

impl ChangedRow {
    fn of(membership: &Membership) -> Self {
        Self {
            id: membership.id,
            accrual: membership.accrual,
            may_spend: membership.may_spend,
            left_at: membership.left_at,
        }
    }
}
