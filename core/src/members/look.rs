//! Members in a look: questions of who they are, which any domain puts beside its own.

use super::model::{Contact, Member, MemberKind, MemberRef};
use super::not_found;
use crate::accounts::{Lots, StateQuestions, ask_states};
use crate::db::{Answers, Look, Question, row};
use crate::{ContactId, MemberId, Result, Timestamp};
use std::collections::HashMap;

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
        erased_at: Option<Timestamp>,
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
    struct NamedKey {
        id: Option<MemberId>,
        external_id: Option<String>,
    }
}

/// The members that keys name, for the table `named`. Two selects, so that each is found by its own
/// index.
const NAMED: &str = "
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at,
        m.erased_at
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id
    UNION
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at,
        m.erased_at
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.external_id = k.external_id";
/// The members in `who`.
const MEMBERS: &str = "
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at,
        m.erased_at
    FROM who AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id";
/// The contacts of the members in `who`, each in the order they were given.
const CONTACTS: &str = "
    SELECT c.id, c.member_id, c.position, c.name, c.email, c.role, c.locale
    FROM who AS k EACH contacts AS c
    WHERE c.program_id = $1 AND c.member_id = k.id
    ORDER BY c.position";

/// Names members: the table `named` has them, and the answer to the question.
pub(crate) fn ask_named<'m>(
    look: &mut Look,
    members: impl IntoIterator<Item = &'m MemberRef>,
) -> Question<MemberRow> {
    let keys: Vec<_> = members.into_iter().map(NamedKey::of).collect();
    look.table_over("named", NAMED, &keys);
    look.ask("SELECT * FROM named")
}

/// Members that a batch has named.
#[derive(Debug)]
pub(crate) struct NamedMembers {
    by_id: HashMap<MemberId, Member>,
    by_external_id: HashMap<String, MemberId>,
}

impl NamedMembers {
    pub(crate) fn read(answers: &Answers, named: Question<MemberRow>) -> Result<Self> {
        let members = answers.rows(named)?.into_iter().map(Member::from);
        let by_id: HashMap<_, _> = members.map(|member| (member.id, member)).collect();
        let external_id = |member: &Member| (member.external_id.clone(), member.id);
        Ok(Self { by_external_id: by_id.values().map(external_id).collect(), by_id })
    }

    pub(crate) fn find(&self, named: &MemberRef) -> Option<&Member> {
        let id = match named {
            MemberRef::Id(id) => id,
            MemberRef::ExternalId(external_id) => self.by_external_id.get(external_id)?,
        };
        self.by_id.get(id)
    }

    /// Fails with `MEMBER_NOT_FOUND`.
    pub(crate) fn id(&self, named: &MemberRef) -> Result<MemberId> {
        let found = self.find(named).ok_or_else(|| not_found().at("member"));
        found.map(|member| member.id)
    }
}

/// The one member that was named. Fails with `MEMBER_NOT_FOUND`.
pub(crate) fn the_named(answers: &Answers, named: Question<MemberRow>) -> Result<MemberId> {
    let found = answers.rows(named)?.pop();
    Ok(found.ok_or_else(|| not_found().at("member"))?.id)
}

/// Names one member and asks for its state: what a change of one member begins with.
pub(crate) fn ask_named_states(
    look: &mut Look,
    member: &MemberRef,
    lots: Lots,
) -> (Question<MemberRow>, StateQuestions) {
    let named = ask_named(look, [member]);
    look.table("who", "SELECT id FROM named");
    (named, ask_states(look, lots))
}

/// Asks for the members in `who`.
pub(crate) fn ask_members(look: &mut Look) -> Question<MemberRow> {
    look.ask(MEMBERS)
}

/// Asks for the contacts of the members in `who`, each in the order they were given.
pub(crate) fn ask_contacts(look: &mut Look) -> Question<ContactRow> {
    look.ask(CONTACTS)
}

impl NamedKey {
    fn of(member: &MemberRef) -> Self {
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
            erased_at: row.erased_at,
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
