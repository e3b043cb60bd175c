//! What a person sees of the groups that it belongs to: the group itself and what it has, and its
//! transactions only where the person may spend. Never the others who belong to it.

use super::Memberships;
use super::model::Membership;
use super::spending::may_not_spend;
use crate::ledger::{Ledger, Transaction, Which};
use crate::members::{Members, Profile, Wants};
use crate::page::{Page, PageRequest};
use crate::{Actor, Code, Error, MemberId, Result, Subject, TransactionId};

/// A group that a person belongs to, with what it has.
#[derive(Clone, Debug)]
pub struct OwnGroup {
    pub membership: Membership,
    pub group: Profile,
}

impl Memberships<'_> {
    /// The groups of the member who asks, those first that it joined first. Fails with `FORBIDDEN`
    /// for anybody but a member.
    pub async fn own(self, actor: &Actor) -> Result<Vec<OwnGroup>> {
        let memberships = self.open_of(actor, itself(actor)?).await?;
        if memberships.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = memberships.iter().map(|one| one.group_id).collect();
        // What a group has is shown to whoever belongs to it, which was just found.
        let system = Actor::system(actor.program());
        let members = Members { context: self.context };
        let groups = members.profiles(&system, &ids, Wants { expiring: true }).await?;
        let own = |membership: Membership| {
            let group = groups.get(&membership.group_id)?.clone();
            group.member.erased_at.is_none().then_some(OwnGroup { membership, group })
        };
        Ok(memberships.into_iter().filter_map(own).collect())
    }

    /// The transactions of a group of the member who asks, newest first. Fails with `MAY_NOT_SPEND`
    /// unless the member may spend its points.
    pub async fn transactions(
        self,
        actor: &Actor,
        group: MemberId,
        page: PageRequest<TransactionId>,
    ) -> Result<Page<Transaction>> {
        self.check_spends(actor, group).await?;
        let as_group = Actor::member(actor.program(), group);
        let ledger = Ledger { context: self.context };
        ledger.of_member(&as_group, group, &Which::default(), page).await
    }

    /// A transaction of a group whose points the member who asks may spend; none if it is not.
    pub async fn transaction(
        self,
        actor: &Actor,
        transaction: TransactionId,
    ) -> Result<Option<Transaction>> {
        let Ok(person) = itself(actor) else { return Ok(None) };
        let spends = self.open_of(actor, person).await?.into_iter().filter(|one| one.may_spend);
        let groups: Vec<_> = spends.map(|one| one.group_id).collect();
        if groups.is_empty() {
            return Ok(None);
        }
        let system = Actor::system(actor.program());
        let found = Ledger { context: self.context }.find(&system, transaction).await?;
        Ok(found.filter(|found| groups.contains(&found.member_id)))
    }

    async fn check_spends(self, actor: &Actor, group: MemberId) -> Result<()> {
        let memberships = self.open_of(actor, itself(actor)?).await?;
        let is_spender = memberships.iter().any(|one| one.group_id == group && one.may_spend);
        if is_spender { Ok(()) } else { Err(may_not_spend()) }
    }
}

fn itself(actor: &Actor) -> Result<MemberId> {
    match actor.subject() {
        Subject::Member(member) => Ok(*member),
        _ => Err(Error::new(Code::Forbidden, "this needs the token of a member")),
    }
}
