//! Whether a token with a good signature still stands, and whom it makes act: one look.

use super::model::{holder_hash, unknown_member};
use super::{Bearer, Holder, Presented, Tokens};
use crate::db::row;
use crate::{Code, Error, MemberId, ProgramId, Result, Timestamp, TokenId};

row! {
    struct TokenKey {
        id: TokenId,
    }
}

row! {
    struct HolderKey {
        holder: String,
        issued_at: Timestamp,
    }
}

row! {
    struct ErasedKey {
        holder_hash: Vec<u8>,
        issued_at: Timestamp,
    }
}

row! {
    struct MemberKey {
        external_id: String,
    }
}

row! {
    struct At {
        at: Timestamp,
    }
}

row! {
    struct FoundMember {
        id: MemberId,
        locale: String,
    }
}

const REVOKED: &str = "
    SELECT t.revoked_at AS at
    FROM {rows} AS k EACH tokens AS t
    WHERE t.program_id = $1 AND t.id = k.id AND t.revoked_at IS NOT NULL";
const CUT_OFF: &str = "
    SELECT t.issued_until AS at
    FROM {rows} AS k EACH token_cutoffs AS t
    WHERE t.program_id = $1 AND t.holder = k.holder AND t.issued_until >= k.issued_at";
/// Somebody else may have the external id by now.
const ERASED: &str = "
    SELECT t.issued_until AS at
    FROM {rows} AS k EACH erased_holders AS t
    WHERE t.program_id = $1 AND t.holder_hash = k.holder_hash AND t.issued_until >= k.issued_at";
const CALLED: &str = "
    SELECT COALESCE(m.merged_into, m.id) AS id
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.external_id = k.external_id";
const MEMBER: &str = "
    SELECT m.id, m.locale
    FROM called AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id";

impl Tokens<'_> {
    /// Whom a token with a good signature makes act. Fails with `UNAUTHENTICATED` when it was
    /// revoked, or its member does not exist.
    pub async fn admit(self, program: ProgramId, presented: &Presented) -> Result<Bearer> {
        let ids: Vec<_> = presented.id.iter().map(|id| TokenKey { id: *id }).collect();
        let holder =
            HolderKey { holder: presented.holder.to_string(), issued_at: presented.issued_at };
        let erased: Vec<_> = presented
            .holder
            .is_member()
            .then(|| ErasedKey::of(program, presented))
            .into_iter()
            .collect();
        let member = match &presented.holder {
            Holder::Member(external_id) => vec![MemberKey { external_id: external_id.clone() }],
            Holder::Operator(_) => Vec::new(),
        };
        let mut look = self.context.look(program);
        let revoked = look.ask_over::<_, At>(REVOKED, &ids);
        let cut_off = look.ask_over::<_, At>(CUT_OFF, &[holder]);
        let erased = look.ask_over::<_, At>(ERASED, &erased);
        look.table_over("called", CALLED, &member);
        let member = look.ask::<FoundMember>(MEMBER);
        let answers = self.context.show(look).await?;
        if let Some(At { at }) = answers.rows(revoked)?.pop().or(answers.rows(cut_off)?.pop()) {
            return Err(Error::new(
                Code::Unauthenticated,
                format!("the token was revoked at {at}"),
            ));
        }
        if !answers.rows(erased)?.is_empty() {
            return Err(Error::new(Code::Unauthenticated, "the token's member was erased"));
        }
        match &presented.holder {
            Holder::Operator(name) => Ok(Bearer::Operator(name.clone())),
            Holder::Member(external_id) => {
                let found = answers.rows(member)?.pop();
                found
                    .map(|FoundMember { id, locale }| Bearer::Member { id, locale })
                    .ok_or_else(|| unknown_member(external_id))
            }
        }
    }
}

impl ErasedKey {
    fn of(program: ProgramId, presented: &Presented) -> Self {
        Self {
            holder_hash: holder_hash(program, &presented.holder),
            issued_at: presented.issued_at,
        }
    }
}
