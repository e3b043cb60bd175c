//! The watch over what is revoked: one statement every two seconds for the whole process, however
//! many requests there are.

use super::sessions::{AGE_MAX, Sessions};
use perennial_core::{Clock, Loyalty, Result, Timestamp};
use std::time::{Duration, Instant};

/// How often it is asked what was revoked.
const INTERVAL: Duration = Duration::from_secs(2);
/// How much later than it says a revocation may come to light: the clocks of nodes differ, and a
/// commit takes time.
const LATE_MAX: Duration = Duration::from_mins(1);

/// Forgets tokens that were revoked, until it is dropped.
pub(crate) async fn watch(loyalty: &Loyalty, sessions: &Sessions) {
    loop {
        if let Err(error) = look(loyalty, sessions).await {
            let (code, detail) = (error.code().as_str(), error.detail());
            tracing::error!(code, detail, "it is not known what was revoked");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Looks back further than any token is remembered: one that was verified just before it was
/// revoked, and remembered just after, is found by the next look.
async fn look(loyalty: &Loyalty, sessions: &Sessions) -> Result<()> {
    let started = Instant::now();
    let back = AGE_MAX.saturating_add(LATE_MAX);
    let since = Timestamp::EPOCH.plus(Clock.now().since(Timestamp::EPOCH.plus(back)));
    let revoked = loyalty.tokens().revoked_since(since).await?;
    sessions.watched(started, revoked.as_deref());
    Ok(())
}
