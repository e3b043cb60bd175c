//! Tokens that were verified a short while ago. Checking a signature and looking up whom a token
//! names costs more than answering a small query, and an app sends the same token with each one.
//!
//! What is remembered follows from the token and from the program's data. It is kept for a minute
//! at the most, never beyond the token's own end, and not past a change of the program: so whatever
//! takes a right away takes effect within that time, on every node.

use lru::LruCache;
use perennial_core::programs::Program;
use perennial_core::{Actor, Clock, Timestamp};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The most tokens remembered; beyond it, those are forgotten that were not sent for the longest
/// time.
const TOKENS_MAX: NonZeroUsize = NonZeroUsize::new(10_000).expect("some");
/// How long a token is remembered.
const AGE_MAX: Duration = Duration::from_mins(1);

/// Verified tokens, by their text.
#[derive(Debug)]
pub(crate) struct Sessions(Mutex<LruCache<Box<str>, Remembered>>);

impl Default for Sessions {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(TOKENS_MAX)))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub(super) actor: Actor,
    /// The version of the program that the token was verified in.
    version: i64,
    until: Timestamp,
}

impl Sessions {
    /// Whom a token names, if it was verified a short while ago.
    pub(super) fn find(&self, token: &str) -> Option<Remembered> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        found.filter(|found| Clock.now() < found.until)
    }

    /// Remembers a verified token, which is valid until `expires` (seconds since the epoch).
    pub(super) fn remember(&self, token: &str, actor: &Actor, program: &Program, expires: i64) {
        let expires = Duration::from_secs(u64::try_from(expires).unwrap_or_default());
        let until = Clock.now().plus(AGE_MAX).min(Timestamp::EPOCH.plus(expires));
        let remembered = Remembered { actor: actor.clone(), version: program.version(), until };
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.put(token.into(), remembered);
    }
}

impl Remembered {
    /// Whether the program is as it was when the token was verified.
    pub(super) fn stands_in(&self, program: &Program) -> bool {
        self.version == program.version()
    }
}
