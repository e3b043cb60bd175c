//! What a change of a membership has to know: both sides, and all that the person belongs to.

use super::model::{Accrual, Membership};
use crate::accounts::{Lots, States, ask_states};
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::members::{Member, MemberKind, MemberRef, ask_named, not_found};
use crate::text::invalid;
use crate::{Code, Error, MemberId, Result};

/// A group, a person, and the person's memberships.
pub(super) struct Found {
    pub(super) group: MemberId,
    pub(super) person: MemberId,
    memberships: Vec<Membership>,
}

const MEMBERSHIPS: &str = "
    SELECT g.id, g.group_id, g.person_id, g.accrual, g.may_spend, g.joined_at, g.left_at
    FROM named AS k EACH memberships AS g
    WHERE g.program_id = $1 AND g.person_id = k.id";

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
        let memberships = look.ask::<Membership>(MEMBERSHIPS);
        let (answers, program) = context.ask(program, look).await?;
        let named = named.read(&answers)?;
        let find = |meant: &MemberRef, field: &str| {
            named.get(meant).cloned().ok_or_else(|| not_found().at(field))
        };
        let (group, person) = (find(group, "group")?, find(person, "person")?);
        check_kinds(&group, &person)?;
        let found =
            Self { group: group.id, person: person.id, memberships: answers.rows(memberships)? };
        Ok((found, states.read(&answers)?, program))
    }

    /// The membership that holds, if one does.
    pub(super) fn open(&self) -> Option<&Membership> {
        self.in_group().find(|one| one.is_open())
    }

    /// The same. Fails with `MEMBERSHIP_NOT_FOUND`.
    pub(super) fn must_be_open(&self) -> Result<&Membership> {
        self.open().ok_or_else(no_membership)
    }

    /// The last one that ended.
    pub(super) fn last(&self) -> Option<&Membership> {
        self.in_group().max_by_key(|one| (one.left_at, one.id))
    }

    fn in_group(&self) -> impl Iterator<Item = &Membership> {
        self.memberships.iter().filter(|one| one.group_id == self.group)
    }

    /// All that the person has or had.
    pub(super) fn all(&self) -> &[Membership] {
        &self.memberships
    }

    /// Whether the person can accrue to the group as is asked for. Fails with `ACCRUES_ELSEWHERE`.
    pub(super) fn check_accrual(&self, accrual: Accrual) -> Result<()> {
        let others = self.memberships.iter().filter(|one| one.group_id != self.group);
        let other = others.filter(|one| one.is_open()).find(|one| one.accrues());
        let Some(other) = other.filter(|_| accrual != Accrual::Member) else { return Ok(()) };
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
