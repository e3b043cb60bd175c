//! What a change of a membership has to know: both sides, and all that the person belongs to.

use super::model::Accrual;
use super::terms::Held;
use crate::accounts::{Lots, States, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::members::{Member, MemberKind, MemberRef, ask_named, not_found};
use crate::text::invalid;
use crate::{Code, Error, MemberId, MembershipId, Result, Timestamp};
use std::collections::HashSet;

/// A group, a person, and the person's memberships.
pub(super) struct Found {
    pub(super) group: MemberId,
    pub(super) person: MemberId,
    memberships: Vec<Held>,
    /// Memberships of the same two that a merge has ended, and its unmerge would take up again.
    ended_by_merges: Vec<Held>,
}

row! {
    struct KinRow {
        id: MemberId,
    }
}

const MEMBERSHIPS: &str = "
    SELECT g.id, g.group_id, g.person_id, g.accrual, g.may_spend, g.joined_at, g.left_at,
        g.past_accruals, g.origin_accrual, g.origin_until, g.person_origin_id, g.ended_by
    FROM named AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.person_id = k.id";
/// Both, and whoever was merged into them.
const KIN: &str = "
    SELECT id
    FROM named
    UNION
    SELECT m.id
    FROM named AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = k.id";
const ENDED_BY_MERGES: &str = "
    SELECT g.id, g.group_id, g.person_id, g.accrual, g.may_spend, g.joined_at, g.left_at,
        g.past_accruals, g.origin_accrual, g.origin_until, g.person_origin_id, g.ended_by
    FROM kin AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.person_id = k.id AND g.ended_by IS NOT NULL";

impl Found {
    /// Looks for both; returns their states and the program at its now as well. Fails with
    /// `MEMBER_NOT_FOUND`, and with `INVALID_INPUT` where one is of the wrong kind.
    pub(super) async fn look(
        context: &Context,
        program: &Program,
        group: &MemberRef,
        person: &MemberRef,
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let named = ask_named(&mut look, [group, person]);
        look.table("who", "SELECT id FROM named");
        let states = ask_states(&mut look, Lots::IfDue);
        let memberships = look.ask::<Held>(MEMBERSHIPS);
        look.table("kin", KIN);
        let (kin, ended) =
            (look.ask::<KinRow>("SELECT id FROM kin"), look.ask::<Held>(ENDED_BY_MERGES));
        let (answers, program) = context.ask(program, look).await?;
        let named = named.read(&answers)?;
        let find = |meant: &MemberRef, field: &str| {
            named.get(meant).cloned().ok_or_else(|| not_found().at(field))
        };
        let (group, person) = (find(group, "group")?, find(person, "person")?);
        check_kinds(&group, &person)?;
        let kin: HashSet<_> = answers.rows(kin)?.into_iter().map(|row| row.id).collect();
        let ended = answers.rows(ended)?.into_iter().filter(|one| kin.contains(&one.group_id));
        let found = Self {
            group: group.id,
            person: person.id,
            memberships: answers.rows(memberships)?,
            ended_by_merges: ended.collect(),
        };
        Ok((found, states.read(&answers)?, program))
    }

    /// The membership that holds, if one does.
    pub(super) fn open(&self) -> Option<&Held> {
        self.in_group().find(|one| one.is_open())
    }

    /// The same. Fails with `MEMBERSHIP_NOT_FOUND`.
    pub(super) fn must_be_open(&self) -> Result<&Held> {
        self.open().ok_or_else(no_membership)
    }

    /// The last one that ended.
    pub(super) fn last(&self) -> Option<&Held> {
        self.in_group().max_by_key(|one| (one.left_at, one.id))
    }

    fn in_group(&self) -> impl Iterator<Item = &Held> {
        self.memberships.iter().filter(|one| one.group_id == self.group)
    }

    /// All that the person has or had.
    pub(super) fn all(&self) -> &[Held] {
        &self.memberships
    }

    /// Those that an unmerge would take up again as they were.
    pub(super) fn ended_by_merges(&self) -> &[Held] {
        &self.ended_by_merges
    }

    /// Until when, of the time from an instant to another, the person belonged to the group or, if
    /// it is to accrue, accrued to another; none if it did not. The membership of this id is left
    /// out.
    pub(super) fn taken_until(
        &self,
        but: MembershipId,
        accrual: Accrual,
        (from, until): (Timestamp, Timestamp),
    ) -> Option<(MemberId, Timestamp)> {
        let taken_until = |one: &Held| {
            let is_same = one.group_id == self.group && one.joined_at < until;
            let belonged = one.left_at.filter(|left_at| is_same && *left_at > from);
            let accrued = one.accrued_within(from, until).filter(|_| accrual != Accrual::Member);
            Some((one.group_id, belonged.max(accrued)?))
        };
        let others = self.memberships.iter().filter(|one| one.id != but);
        others.filter_map(taken_until).max_by_key(|(_, until)| *until)
    }

    /// From when on the person can accrue to the group: now, unless another clock was ahead when it
    /// ceased to accrue to another.
    pub(super) fn free_since(&self, now: Timestamp) -> Timestamp {
        let others = self.memberships.iter().filter(|one| one.group_id != self.group);
        let ended = others.filter(|one| !one.accrues());
        let until = ended.filter_map(|one| one.accrued_within(now, Timestamp::LAST)).max();
        until.unwrap_or(now)
    }

    /// Whether the person can accrue to the group as is asked for. Fails with `ACCRUES_ELSEWHERE`.
    pub(super) fn check_accrual(&self, accrual: Accrual) -> Result<()> {
        let others = self.memberships.iter().filter(|one| one.group_id != self.group);
        let other = others.filter(|_| accrual != Accrual::Member).find(|one| one.accrues());
        let Some(other) = other else { return Ok(()) };
        let why = format!("what the person buys accrues to {} already", other.group_id);
        Err(Error::new(Code::AccruesElsewhere, why).at("accrual"))
    }
}

fn check_kinds(group: &Member, person: &Member) -> Result<()> {
    if !group.kind.is_group() {
        let why = match group.kind {
            MemberKind::GiftCard => "is a gift card: use an organization or a household",
            _ => "is a person: use an organization or a household",
        };
        return Err(invalid("group", why));
    }
    if person.kind == MemberKind::GiftCard {
        return Err(invalid("person", "is a gift card: only a person belongs to a group"));
    }
    if person.kind != MemberKind::Person {
        return Err(invalid("person", "is a group itself: only a person belongs to a group"));
    }
    Ok(())
}

pub(super) fn no_membership() -> Error {
    let why = "the person does not belong to the group";
    Error::new(Code::MembershipNotFound, why).at("person")
}
