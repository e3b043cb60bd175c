//! Who belongs to the household, on which terms, and what becomes of that in a merge.

use super::Reference;
use super::books::Refusal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whose account gets what a person buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) enum Accrual {
    Member,
    Group,
    Both,
}

#[derive(Clone, Debug)]
pub(in crate::model) struct Membership {
    pub(in crate::model) group: String,
    pub(in crate::model) person: String,
    pub(in crate::model) accrual: Accrual,
    pub(in crate::model) may_spend: bool,
    pub(in crate::model) joined: Timestamp,
    pub(in crate::model) left: Option<Timestamp>,
    /// Whose it was before each merge that moved or ended it, and how it was then.
    pub(in crate::model) before: Vec<(String, Accrual, Option<Timestamp>)>,
}

impl Accrual {
    pub(in crate::model) const fn name(self) -> &'static str {
        match self {
            Self::Member => "MEMBER",
            Self::Group => "GROUP",
            Self::Both => "BOTH",
        }
    }
}

impl Membership {
    pub(in crate::model) fn shown(&self) -> Value {
        json!({
            "accrual": self.accrual.name(), "maySpend": self.may_spend, "joinedAt": self.joined,
            "leftAt": self.left,
        })
    }

    fn held(&self, at: Timestamp) -> bool {
        self.joined <= at && self.left.is_none_or(|left| at < left)
    }
}

impl Reference {
    /// The membership of somebody in a group that has not ended.
    pub(in crate::model) fn membership(&self, person: &str, group: &str) -> Option<usize> {
        let is_it = |one: &Membership| one.person == person && one.group == group;
        self.memberships.iter().position(|one| is_it(one) && one.left.is_none())
    }

    /// Whose accounts get what somebody buys at an instant, the buyer's first.
    pub(in crate::model) fn accrues(&self, of: &str, at: Timestamp) -> Vec<String> {
        let own = self.memberships.iter().filter(|one| one.person == of && one.held(at));
        let accruing = own.filter(|one| one.accrual != Accrual::Member);
        match accruing.last() {
            None => vec![of.to_owned()],
            Some(one) if one.accrual == Accrual::Group => vec![one.group.clone()],
            Some(one) => vec![of.to_owned(), one.group.clone()],
        }
    }

    /// Refuses somebody who may not spend what a group has.
    pub(in crate::model) fn check_spender(
        &self,
        group: &str,
        by: Option<&str>,
    ) -> Result<(), Refusal> {
        let Some(by) = by else { return Ok(()) };
        let own = self.membership(&self.root(by)?, group);
        let may = own.is_some_and(|index| self.memberships[index].may_spend);
        may.then_some(()).ok_or("MAY_NOT_SPEND")
    }

    /// Memberships come along with a merge. Where both belong to the group, the survivor's stays.
    pub(in crate::model) fn merge_memberships(&mut self, from: &str, into: &str) {
        let now = self.now;
        for index in 0..self.memberships.len() {
            if self.memberships[index].person != from {
                continue;
            }
            let group = self.memberships[index].group.clone();
            let is_double = self.membership(into, &group).is_some();
            let one = &mut self.memberships[index];
            one.before.push((from.to_owned(), one.accrual, one.left));
            one.person = into.to_owned();
            if is_double && one.left.is_none() {
                one.left = Some(now);
            }
        }
    }

    /// What came with a merge goes back, and what was ended is taken up again.
    pub(in crate::model) fn unmerge_memberships(&mut self, name: &str) {
        for one in &mut self.memberships {
            let Some(index) = one.before.iter().position(|(whose, ..)| whose == name) else {
                continue;
            };
            let (_, accrual, left) = one.before[index];
            one.before.truncate(index);
            one.person = name.to_owned();
            (one.accrual, one.left) = (accrual, left);
        }
    }
}
