//! Data loaders: what each member of a list needs in addition is read for all of them at once.
//! Nothing is cached for later reads, so the response to a mutation shows what it changed.

use async_graphql::dataloader::{DataLoader, Loader};
use perennial_core::members::{Contact, Member, Profile, Wants};
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

/// Where a member stands and what it can spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProfileOf {
    pub(crate) member: MemberId,
    pub(crate) wants: Wants,
}

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
        Ok(self.loyalty.members().get_many(&self.actor, ids).await?)
    }
}

impl Loader<ProfileOf> for Batch {
    type Value = Arc<Profile>;
    type Error = Arc<Error>;

    async fn load(&self, of: &[ProfileOf]) -> Result<HashMap<ProfileOf, Arc<Profile>>, Arc<Error>> {
        let mut found = HashMap::new();
        for wants in [Wants { expiring: false }, Wants { expiring: true }] {
            let wanted = of.iter().filter(|key| key.wants == wants);
            let members: Vec<_> = wanted.map(|key| key.member).collect();
            if members.is_empty() {
                continue;
            }
            let profiles = self.loyalty.members().profiles(&self.actor, &members, wants).await?;
            let keyed = |(member, profile)| (ProfileOf { member, wants }, Arc::new(profile));
            found.extend(profiles.into_iter().map(keyed));
        }
        Ok(found)
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
