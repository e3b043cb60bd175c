//! Data loaders: what each member of a list needs in addition is read for all of them at once.
//! Nothing is cached for later reads, so the response to a mutation shows what it changed.

use async_graphql::dataloader::{DataLoader, Loader};
use perennial_core::ledger::Balance;
use perennial_core::members::{Contact, Member, Standing};
use perennial_core::{Actor, Error, Loyalty, MemberId};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

pub(crate) type Loaders = DataLoader<Batch>;

/// Reads for many members on behalf of one actor.
#[derive(Debug)]
pub(crate) struct Batch {
    loyalty: Loyalty,
    actor: Actor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BalanceOf(pub(crate) MemberId);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StandingOf(pub(crate) MemberId);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ContactsOf(pub(crate) MemberId);

/// The loaders of one request.
pub(crate) fn loaders(loyalty: Loyalty, actor: Actor) -> Loaders {
    DataLoader::new(Batch { loyalty, actor }, tokio::spawn).delay(Duration::ZERO)
}

impl Loader<MemberId> for Batch {
    type Value = Member;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[MemberId]) -> Result<HashMap<MemberId, Member>, Arc<Error>> {
        let members = self.loyalty.members().get_many(&self.actor, ids).await?;
        Ok(members.into_iter().map(|member| (member.id, member)).collect())
    }
}

impl Loader<BalanceOf> for Batch {
    type Value = Balance;
    type Error = Arc<Error>;

    async fn load(&self, of: &[BalanceOf]) -> Result<HashMap<BalanceOf, Balance>, Arc<Error>> {
        let members: Vec<_> = of.iter().map(|BalanceOf(member)| *member).collect();
        let balances = self.loyalty.ledger().balances(&self.actor, &members).await?;
        Ok(balances.into_iter().map(|(member, balance)| (BalanceOf(member), balance)).collect())
    }
}

impl Loader<StandingOf> for Batch {
    type Value = Standing;
    type Error = Arc<Error>;

    async fn load(&self, of: &[StandingOf]) -> Result<HashMap<StandingOf, Standing>, Arc<Error>> {
        let members: Vec<_> = of.iter().map(|StandingOf(member)| *member).collect();
        let standings = self.loyalty.members().standings(&self.actor, &members).await?;
        Ok(standings.into_iter().map(|(member, its)| (StandingOf(member), its)).collect())
    }
}

impl Loader<ContactsOf> for Batch {
    type Value = Vec<Contact>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        of: &[ContactsOf],
    ) -> Result<HashMap<ContactsOf, Vec<Contact>>, Arc<Error>> {
        let members: Vec<_> = of.iter().map(|ContactsOf(member)| *member).collect();
        let mut contacts: HashMap<_, Vec<Contact>> = HashMap::new();
        for contact in self.loyalty.members().contacts_many(&self.actor, &members).await? {
            contacts.entry(ContactsOf(contact.member_id)).or_default().push(contact);
        }
        Ok(contacts)
    }
}
