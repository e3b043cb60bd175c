//! Members in a look: questions of who they are, which any domain puts beside its own.

use super::model::{Contact, Member, MemberKind, MemberRef};
use super::not_found;
use super::tags::tags_of;
use crate::accounts::{Lots, StateQuestions, ask_states};
use crate::db::{Answers, Look, Question, row};
use crate::{ContactId, MemberId, Result, Timestamp};
use serde_json::Value;
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
        tags: Option<Value>,
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

/// Who is called what: a merged member is its survivor. Two selects, so that each is found by its own
/// index.
const CALLED: &str = "
    SELECT m.id AS called_id, m.external_id AS called_external_id, COALESCE(m.merged_into, m.id) AS id
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id
    UNION
    SELECT m.id AS called_id, m.external_id AS called_external_id, COALESCE(m.merged_into, m.id) AS id
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.external_id = k.external_id";
/// The members who are called so.
const NAMED: &str = "
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at,
        m.tags, m.erased_at
    FROM (SELECT DISTINCT id FROM called) AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id";
/// The members in `who`.
const MEMBERS: &str = "
    SELECT m.id, m.external_id, m.kind, m.name, m.email, m.locale, m.country, m.referral_code, m.joined_at,
        m.tags, m.erased_at
    FROM who AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id";
/// The contacts of the members in `who`, each in the order they were given.
const CONTACTS: &str = "
    SELECT c.id, c.member_id, c.position, c.name, c.email, c.role, c.locale
    FROM who AS k EACH contacts AS c
    WHERE c.program_id = $1 AND c.member_id = k.id
    ORDER BY c.position";

row! {
    /// Who is called what.
    struct CalledRow {
        called_id: MemberId,
        called_external_id: String,
        id: MemberId,
    }
}

/// The questions about members who were named.
#[derive(Clone, Copy)]
pub(crate) struct NamedQuestions {
    called: Question<CalledRow>,
    members: Question<MemberRow>,
}

/// Members by what they are called.
#[derive(Debug)]
pub(crate) struct Named {
    called: HashMap<MemberId, MemberId>,
    by_external_id: HashMap<String, MemberId>,
    members: HashMap<MemberId, Member>,
}

/// Names members: the table `named` has them, each once, and `called` under which names.
pub(crate) fn ask_named<'m>(
    look: &mut Look,
    members: impl IntoIterator<Item = &'m MemberRef>,
) -> NamedQuestions {
    let keys: Vec<_> = members.into_iter().map(NamedKey::of).collect();
    look.table_over("called", CALLED, &keys);
    look.table("named", NAMED);
    NamedQuestions {
        called: look.ask("SELECT called_id, called_external_id, id FROM called"),
        members: look.ask("SELECT * FROM named"),
    }
}

impl NamedQuestions {
    pub(crate) fn read(self, answers: &Answers) -> Result<Named> {
        let members = answers.rows(self.members)?.into_iter().map(Member::from);
        let (mut called, mut by_external_id) = (HashMap::new(), HashMap::new());
        for row in answers.rows(self.called)? {
            called.insert(row.called_id, row.id);
            by_external_id.insert(row.called_external_id, row.called_id);
        }
        let members = members.map(|member| (member.id, member)).collect();
        Ok(Named { called, by_external_id, members })
    }
}

impl Named {
    /// The member that is meant: of a merged one the survivor.
    pub(crate) fn get(&self, named: &MemberRef) -> Option<&Member> {
        self.members.get(self.called.get(&self.literal(named)?)?)
    }

    /// The same by its id. Fails with `MEMBER_NOT_FOUND`.
    pub(crate) fn id(&self, named: &MemberRef) -> Result<MemberId> {
        let found = self.get(named).ok_or_else(|| not_found().at("member"))?;
        Ok(found.id)
    }

    /// Whether a member is the one that is meant, or the one that was merged into it and is named.
    pub(crate) fn is(&self, named: &MemberRef, member: MemberId) -> bool {
        let literal = self.literal(named);
        literal == Some(member) || self.get(named).is_some_and(|meant| meant.id == member)
    }

    /// The same of somebody who may not be named at all.
    pub(crate) fn is_same(&self, named: Option<&MemberRef>, member: Option<MemberId>) -> bool {
        match (named, member) {
            (Some(named), Some(member)) => self.is(named, member),
            (named, member) => named.is_none() && member.is_none(),
        }
    }

    /// Who is named, merged or not.
    fn literal(&self, named: &MemberRef) -> Option<MemberId> {
        match named {
            MemberRef::Id(id) => Some(*id),
            MemberRef::ExternalId(external_id) => self.by_external_id.get(external_id).copied(),
        }
    }
}

/// The one member that was named. Fails with `MEMBER_NOT_FOUND`.
pub(crate) fn the_named(answers: &Answers, named: NamedQuestions) -> Result<MemberId> {
    let found = answers.rows(named.members)?.pop();
    Ok(found.ok_or_else(|| not_found().at("member"))?.id)
}

/// Names one member and asks for its state: what a change of one member begins with.
pub(crate) fn ask_named_states(
    look: &mut Look,
    member: &MemberRef,
    lots: Lots,
) -> (NamedQuestions, StateQuestions) {
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
            tags: tags_of(row.tags),
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
