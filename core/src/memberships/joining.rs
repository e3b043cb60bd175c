//! What a request to join asks for, beside what the person has already. Pure.

use super::look::Found;
use super::model::{Accrual, GROUPS_MAX, JoinGroup, Membership};
use super::terms::Held;
use crate::context::Program;
use crate::text::invalid;
use crate::{Code, Error, MembershipId, Result, Timestamp};

impl JoinGroup {
    /// The membership that begins, now if nobody says when.
    pub(super) fn membership(
        &self,
        found: &Found,
        program: &Program,
        now: Timestamp,
    ) -> Result<Membership> {
        found.check_accrual(self.accrual)?;
        if found.all().iter().filter(|one| one.is_open()).count() >= GROUPS_MAX {
            let why = format!("a person belongs to at most {GROUPS_MAX} groups at a time");
            return Err(Error::new(Code::TooMany, why).at("person"));
        }
        let membership = Membership {
            id: MembershipId::new(),
            group_id: found.group,
            person_id: found.person,
            accrual: self.accrual,
            may_spend: self.may_spend,
            joined_at: self.instant(program)?.unwrap_or(now),
            left_at: None,
        };
        let span = (membership.joined_at, Timestamp::LAST);
        check_free(found, membership.id, membership.accrual, span)?;
        Ok(membership)
    }

    /// The membership that holds, as it is after the request: begun earlier, if `joinedAt` says so.
    /// Fails with `MEMBERSHIP_EXISTS` if it asks for other terms or a later day, and with
    /// `INVALID_INPUT` if the person belonged elsewhere then.
    pub(super) fn again(&self, found: &Found, open: &Held, program: &Program) -> Result<Held> {
        let since = open.joined_at;
        if open.accrual != self.accrual || open.may_spend != self.may_spend {
            let why = format!(
                "the person belongs to the group since {since}, on other terms: {}, {}",
                open.accrual.as_str(),
                if open.may_spend { "may spend" } else { "may not spend" },
            );
            return Err(Error::new(Code::MembershipExists, why).at("person"));
        }
        let joined_at = self.instant(program)?.unwrap_or(since);
        if joined_at > since {
            let why = format!(
                "the person belongs to the group since {since} already: leave it out, or name an \
                 earlier instant"
            );
            return Err(Error::new(Code::MembershipExists, why).at("joinedAt"));
        }
        if joined_at < since {
            check_free(found, open.id, open.first_accrual(), (joined_at, since))?;
        }
        Ok(Held { joined_at, ..open.clone() })
    }

    fn instant(&self, program: &Program) -> Result<Option<Timestamp>> {
        self.joined_at.map(|at| program.instant("joinedAt", Some(at))).transpose()
    }
}

/// At any time a person belongs to a group once, and accrues to one at the most.
fn check_free(
    found: &Found,
    id: MembershipId,
    accrual: Accrual,
    span: (Timestamp, Timestamp),
) -> Result<()> {
    match found.taken_until(id, accrual, span) {
        None => Ok(()),
        Some((group, until)) => {
            let why = format!("the person belonged to {group} until {until}: use that or later");
            Err(invalid("joinedAt", why))
        }
    }
}
