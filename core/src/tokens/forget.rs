//! Forgetting tokens that ended long ago. Whoever presents one is refused by its own end.

use super::Tokens;
use crate::Result;
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

impl Tokens<'_> {
    /// Deletes what ended more than 90 days ago, in all programs; returns how many.
    pub async fn forget_ended(self) -> Result<usize> {
        let db = &self.context.db;
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
