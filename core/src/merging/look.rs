//! All that a merge has to know, in one look.

use super::MergeMembers;
use crate::db::{Answers, Look, Question, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::members::{MemberKind, MemberRef, not_found};
use crate::{MemberId, Result};

/// One of the two, as it is named: it may be merged itself.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) id: MemberId,
    pub(super) external_id: String,
    pub(super) kind: MemberKind,
    pub(super) merged_into: Option<MemberId>,
}

/// Both, and what stands in the way.
pub(super) struct Sides {
    from: Option<Side>,
    into: Option<Side>,
    /// The merge that an earlier request made under the key.
    pub(super) known: Option<KnownRow>,
    /// Whether plugins have yet to receive something of the first.
    pub(super) is_waiting: bool,
    /// A plugin that stands still over it.
    pub(super) parked_by: Option<String>,
    /// A key of holds that both have used.
    pub(super) clash: Option<String>,
}

row! {
    struct SideKey {
        role: String,
        id: Option<MemberId>,
        external_id: Option<String>,
    }
}

row! {
    struct SideRow {
        role: String,
        id: MemberId,
        external_id: String,
        kind: MemberKind,
        merged_into: Option<MemberId>,
    }
}

row! {
    pub(super) struct KnownRow {
        pub(super) into_id: MemberId,
        pub(super) arguments_hash: ArgumentsHash,
    }
}

row! {
    struct KeyRow {
        key: String,
    }
}

row! {
    struct PluginRow {
        plugin_id: String,
    }
}

/// The questions of a merge.
#[derive(Clone, Copy)]
pub(super) struct Questions {
    sides: Question<SideRow>,
    known: Question<KnownRow>,
    waiting: Question<PluginRow>,
    parked: Question<PluginRow>,
    clash: Question<KeyRow>,
}

const SIDES: &str = "
    SELECT k.role, m.id, m.external_id, m.kind, m.merged_into
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id
    UNION
    SELECT k.role, m.id, m.external_id, m.kind, m.merged_into
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.external_id = k.external_id";
const WHO: &str = "SELECT DISTINCT COALESCE(merged_into, id) AS id FROM sides";
const REQUEST: &str = "
    SELECT s.id AS from_id, r.key
    FROM sides AS s CROSS JOIN {rows} AS r
    WHERE s.role = 'from'";
const KNOWN: &str = "
    SELECT g.into_id, g.arguments_hash
    FROM request AS k EACH merges AS g
    WHERE g.program_id = $1 AND g.from_id = k.from_id AND g.idempotency_key = k.key";
const ENABLED: &str = "
    SELECT s.id, e.plugin_id
    FROM sides AS s CROSS JOIN program_plugins AS e
    WHERE s.role = 'from' AND e.program_id = $1";
const WAITING: &str = "
    SELECT d.plugin_id
    FROM enabled AS k EACH deliveries AS d
    WHERE d.program_id = $1 AND d.plugin_id = k.plugin_id AND d.member_id = k.id
    LIMIT 1";
const PARKED: &str = "
    SELECT d.plugin_id
    FROM enabled AS k EACH parked_deliveries AS d
    WHERE d.program_id = $1 AND d.plugin_id = k.plugin_id AND d.member_id = k.id
    LIMIT 1";
const PAIR: &str = "
    SELECT s.id AS from_id, COALESCE(t.merged_into, t.id) AS into_id
    FROM sides AS s CROSS JOIN sides AS t
    WHERE s.role = 'from' AND t.role = 'into'";
const HELD: &str = "
    SELECT h.idempotency_key, k.into_id
    FROM pair AS k EACH holds AS h
    WHERE h.program_id = $1 AND h.account_id = k.from_id";
const CLASH: &str = "
    SELECT h.idempotency_key AS key
    FROM held AS k EACH holds AS h
    WHERE h.program_id = $1 AND h.account_id = k.into_id AND h.idempotency_key = k.idempotency_key";

impl Questions {
    pub(super) fn ask(look: &mut Look, request: &MergeMembers, key: &IdempotencyKey) -> Self {
        let keys = [SideKey::of("from", &request.from), SideKey::of("into", &request.into)];
        look.table_over("sides", SIDES, &keys);
        look.table("who", WHO);
        look.table_over("request", REQUEST, &[KeyRow { key: key.key.clone() }]);
        look.table("enabled", ENABLED);
        look.table("pair", PAIR);
        look.table("held", HELD);
        Self {
            sides: look.ask("SELECT * FROM sides"),
            known: look.ask(KNOWN),
            waiting: look.ask(WAITING),
            parked: look.ask(PARKED),
            clash: look.ask(CLASH),
        }
    }

    pub(super) fn read(self, answers: &Answers) -> Result<Sides> {
        let mut sides = Sides {
            from: None,
            into: None,
            known: answers.rows(self.known)?.pop(),
            is_waiting: !answers.rows(self.waiting)?.is_empty(),
            parked_by: answers.rows(self.parked)?.pop().map(|row| row.plugin_id),
            clash: answers.rows(self.clash)?.pop().map(|row| row.key),
        };
        for row in answers.rows(self.sides)? {
            let SideRow { role, id, external_id, kind, merged_into } = row;
            let side = Some(Side { id, external_id, kind, merged_into });
            match role.as_str() {
                "from" => sides.from = side,
                _ => sides.into = side,
            }
        }
        Ok(sides)
    }
}

impl Sides {
    pub(super) fn leaving(&self) -> Result<&Side> {
        self.from.as_ref().ok_or_else(|| not_found().at("from"))
    }

    pub(super) fn staying(&self) -> Result<&Side> {
        self.into.as_ref().ok_or_else(|| not_found().at("into"))
    }
}

impl Side {
    /// Who acts for it.
    pub(super) fn survivor(&self) -> MemberId {
        self.merged_into.unwrap_or(self.id)
    }
}

impl SideKey {
    fn of(role: &str, named: &MemberRef) -> Self {
        let role = role.to_owned();
        match named {
            MemberRef::Id(id) => Self { role, id: Some(*id), external_id: None },
            MemberRef::ExternalId(external_id) => {
                Self { role, id: None, external_id: Some(external_id.clone()) }
            }
        }
    }
}
