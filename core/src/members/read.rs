//! Reading members in a look: who they are, where they stand, what they can spend.

use super::model::{Contact, Member, MemberKind, MemberRef};
use crate::accounts::{Expiring, Lots, Standing, States, ask_expiring, ask_states};
use crate::context::Context;
use crate::db::{JsonRows, row};
use crate::operation::AccountKey;
use crate::{ContactId, MemberId, Points, ProgramId, Result, Timestamp};
use std::collections::BTreeMap;

/// Which parts of a profile are wanted besides the member, its standing and its points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wants {
    /// What expires, and when.
    pub expiring: bool,
}

/// A member, and where it stands at the program's now.
#[derive(Clone, Debug)]
pub struct Profile {
    pub member: Member,
    pub standing: Standing,
    pub balance: Balance,
}

/// What a member can spend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What has expired does not count, whether or not that was written down.
    pub points: Points,
    /// What expires and when, the earliest first, if it was asked for; points that never expire are
    /// not listed.
    pub expiring: Vec<Expiring>,
}

row! {
    /// A member as a look reads it.
    pub(crate) struct MemberRow {
        id: MemberId,
        external_id: String,
        kind: MemberKind,
        name: String,
        email: Option<String>,
        locale: String,
        country: Option<String>,
        referral_code: String,
        joined_at: Timestamp,
    }
}

row! {
    /// A contact as a look reads it.
    pub(crate) struct ContactRow {
        id: ContactId,
        member_id: MemberId,
        name: String,
        email: Option<String>,
        role: String,
        locale: String,
    }
}

row! {
    /// How a member is named: by one of the two.
    #[derive(Debug)]
    pub(crate) struct NamedKey {
        id: Option<MemberId>,
        external_id: Option<String>,
    }
}

/// The members that keys name, for the table `named`. Two selects, so that each is found by its own
/// index.
pub(crate) const NAMED: &str = "
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id
    UNION
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.external_id = k.external_id";
/// The members in `who`.
pub(crate) const MEMBERS: &str = "
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at
    FROM who AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id";
/// The contacts of the members in `who`, each in the order they were given.
pub(crate) const CONTACTS: &str = "
    SELECT c.id, c.member_id, c.position, c.name, c.email, c.role, c.locale
    FROM who AS k EACH contacts AS c
    WHERE c.program_id = $1 AND c.member_id = k.id
    ORDER BY c.position";
const WHO: &str = "SELECT r.id FROM {rows} AS r";

pub(super) async fn profiles(
    context: &Context,
    program: ProgramId,
    members: &[MemberId],
    wants: Wants,
) -> Result<BTreeMap<MemberId, Profile>> {
    let program = context.program(program).await?;
    let mut look = context.look(program.id);
    let keys: Vec<_> = members.iter().map(|id| AccountKey { id: (*id).into() }).collect();
    look.table_over::<AccountKey>("who", WHO, JsonRows::of(&keys));
    let found = look.ask::<MemberRow>(MEMBERS);
    let states = ask_states(&mut look, Lots::IfDue);
    let expiring = wants.expiring.then(|| ask_expiring(&mut look));
    let answers = context.show(look).await?;
    let now = answers.stamp()?.map_or(program.now, |stamp| stamp.now);
    let point_type = &program.definition.points().point_type;
    let mut states: States = states.read(&answers)?;
    let mut profiles = BTreeMap::new();
    for member in answers.rows(found)?.into_iter().map(Member::from) {
        let Some(mut state) = states.remove(&member.id) else { continue };
        state.expire(now)?;
        let balance = Balance { points: state.balance(point_type), expiring: Vec::new() };
        profiles.insert(member.id, Profile { member, standing: state.standing, balance });
    }
    let mut listed = expiring.map_or(Ok(Vec::new()), |question| answers.rows(question))?;
    listed.sort_by_key(|row| row.at);
    for (member, lot) in listed.iter().filter_map(|row| row.of_type(point_type)) {
        let Some(profile) = profiles.get_mut(&member) else { continue };
        match profile.balance.expiring.last_mut() {
            Some(last) if last.at == lot.at => last.points = last.points.plus(lot.points)?,
            _ => profile.balance.expiring.push(lot),
        }
    }
    Ok(profiles)
}

impl NamedKey {
    pub(crate) fn of(member: &MemberRef) -> Self {
        match member {
            MemberRef::Id(id) => Self { id: Some(*id), external_id: None },
            MemberRef::ExternalId(external_id) => {
                Self { id: None, external_id: Some(external_id.clone()) }
            }
        }
    }
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            id: row.id,
            external_id: row.external_id,
            kind: row.kind,
            name: row.name,
            email: row.email,
            locale: row.locale,
            country: row.country,
            referral_code: row.referral_code,
            joined_at: row.joined_at,
        }
    }
}

impl From<ContactRow> for Contact {
    fn from(row: ContactRow) -> Self {
        Self {
            id: row.id,
            member_id: row.member_id,
            name: row.name,
            email: row.email,
            role: row.role,
            locale: row.locale,
        }
    }
}
