//! Forgetting tokens that ended long ago, and those of members who were erased. Whoever presents one
//! is refused, by its own end or by what is kept instead of a name.

use super::model::holder_hash;
use super::{Holder, LIFETIME_MAX, Tokens};
use crate::db::row;
use crate::operation::Operation;
use crate::{Result, Timestamp};
use std::time::Duration;

/// How long a token that has ended is still listed.
const LISTED: Duration = Duration::from_hours(90 * 24);
/// The most that one statement deletes.
const PART_MAX: usize = 1_000;

/// Of all programs, found by their ends.
const FORGET: &str = "
    DELETE FROM tokens
    WHERE (program_id, id) IN (
        SELECT program_id, id
        FROM tokens
        WHERE expires_at < $1
        ORDER BY expires_at
        LIMIT $2
    )
    RETURNING id";

/// No token is valid any more that was issued before.
const FORGET_HOLDERS: &str = "DELETE FROM erased_holders WHERE issued_until < $1";

row! {
    struct HolderKey {
        holder: String,
    }
}

row! {
    struct ErasedHolder {
        holder_hash: Vec<u8>,
        issued_until: Timestamp,
    }
}

const FORGET_TOKENS: &str = "
    DELETE FROM tokens
    WHERE program_id = $1 AND holder {in: SELECT r.holder FROM {rows} AS r}";
const FORGET_CUTOFFS: &str = "
    DELETE FROM token_cutoffs
    WHERE program_id = $1 AND holder {in: SELECT r.holder FROM {rows} AS r}";
const CUT_OFF: &str = "
    INSERT INTO erased_holders (program_id, holder_hash, issued_until)
    SELECT $1, holder_hash, issued_until
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, holder_hash) DO UPDATE
    SET issued_until = excluded.issued_until
    WHERE erased_holders.issued_until < excluded.issued_until";

/// Deletes what is recorded of a holder's tokens, and has those refused that it was issued until now,
/// without keeping its name.
pub(crate) fn forget_holder(operation: &mut Operation<'_>, holder: &Holder) {
    let key = HolderKey { holder: holder.to_string() };
    operation.run(FORGET_TOKENS, &key);
    operation.run(FORGET_CUTOFFS, &key);
    let holder_hash = holder_hash(operation.program().id, holder);
    let issued_until = operation.recorded_at();
    operation.run(CUT_OFF, &ErasedHolder { holder_hash, issued_until });
}

impl Tokens<'_> {
    /// Deletes what ended more than 90 days ago, in all programs; returns how many.
    pub async fn forget_ended(self) -> Result<usize> {
        let db = &self.context.db;
        let over = self.context.now().minus(LIFETIME_MAX);
        db.change(db.sql(FORGET_HOLDERS, [over.into()])).await?;
        let before = self.context.now().minus(LISTED);
        let most = i64::try_from(PART_MAX).unwrap_or(i64::MAX);
        let mut all: usize = 0;
        loop {
            let forget = db.sql(FORGET, [before.into(), most.into()]);
            let done = db.change(forget).await?.len();
            all = all.saturating_add(done);
            if done < PART_MAX {
                return Ok(all);
            }
        }
    }
}
