//! Idempotency keys: how a member's request that has no natural key is repeated safely.
//!
//! The caller chooses a key, unique among the member's requests of one kind. The domain keeps it
//! with a hash of the arguments, both unique with the member in its table. In a look that names one
//! member (`ask_named`), [`IdempotencyKey::ask`] adds the table `request` with the columns
//! `member_id`, `key` and `is_survivor`, of a member that is named by a merged one's name for both: what
//! that one did under the key comes before what the survivor did. [`ask_keys`] does so in a look that
//! names many; the domain joins its own rows to it, and [`IdempotencyKey::check`]s the hash of what it
//! finds. Two that arrive at once meet at the unique key when they commit, and the
//! later one finds the first at its next look.

use crate::db::{Look, row};
use crate::hash::ArgumentsHash;
use crate::members::MemberRef;
use crate::{Code, Error, MemberId, Result, text};
use serde::Serialize;

/// The argument that holds the key, in every request that has one.
const FIELD: &str = "idempotencyKey";

/// A key with what is asked for under it.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey {
    pub(crate) key: String,
    pub(crate) arguments_hash: ArgumentsHash,
}

row! {
    struct KeyRow {
        key: String,
    }
}

const REQUEST: &str = "
    SELECT called.called_id AS member_id, r.key, 0 AS is_survivor
    FROM called CROSS JOIN {rows} AS r
    UNION ALL
    SELECT called.id, r.key, 1
    FROM called CROSS JOIN {rows} AS r
    WHERE called.id <> called.called_id";

row! {
    struct MembersKeyRow {
        member_id: Option<MemberId>,
        external_id: Option<String>,
        key: String,
    }
}

const REQUESTS: &str = "
    SELECT called.id AS member_id, r.key
    FROM {rows} AS r JOIN called ON called.called_id = r.member_id
    UNION
    SELECT called.id, r.key
    FROM {rows} AS r JOIN called ON called.called_external_id = r.external_id
    UNION
    SELECT called.called_id, r.key
    FROM {rows} AS r JOIN called ON called.called_id = r.member_id
    UNION
    SELECT called.called_id, r.key
    FROM {rows} AS r JOIN called ON called.called_external_id = r.external_id";

/// Adds the table `request` to a look that names members: the keys of many of them.
pub(crate) fn ask_keys<'k>(
    look: &mut Look,
    requests: impl IntoIterator<Item = (&'k MemberRef, &'k IdempotencyKey)>,
) {
    let row = |(member, key): (&MemberRef, &IdempotencyKey)| {
        let (member_id, external_id) = match member {
            MemberRef::Id(id) => (Some(*id), None),
            MemberRef::ExternalId(external_id) => (None, Some(external_id.clone())),
        };
        MembersKeyRow { member_id, external_id, key: key.key.clone() }
    };
    let rows: Vec<_> = requests.into_iter().map(row).collect();
    look.table_over("request", REQUESTS, &rows);
}

impl IdempotencyKey {
    /// `arguments` is all that is asked for, beside the member. Fails with `INVALID_INPUT`.
    pub(crate) fn new(key: &str, arguments: &impl Serialize) -> Result<Self> {
        text::identifier(FIELD, key)?;
        Ok(Self { key: key.to_owned(), arguments_hash: ArgumentsHash::of(arguments) })
    }

    /// Adds the table `request` to a look that has `named`.
    pub(crate) fn ask(&self, look: &mut Look) {
        look.table_over("request", REQUEST, &[KeyRow { key: self.key.clone() }]);
    }

    /// Fails with `IDEMPOTENCY_KEY_REUSED` when the key was recorded for something else.
    pub(crate) fn check(&self, recorded: &ArgumentsHash) -> Result<()> {
        if self.arguments_hash.repeats(recorded) {
            return Ok(());
        }
        let why = format!("`{}` was used for a request with other arguments", self.key);
        Err(Error::new(Code::IdempotencyKeyReused, why).at(FIELD))
    }
}
