//! Tokens that were verified a short while ago. Checking a signature and looking up whom a token
//! names costs more than answering a small query, and an app sends the same token with each one.
//!
//! What is remembered follows from the token, from the keys and from the program's data. It is kept
//! for a minute at the most, never beyond the token's own end, and not past a change of the keys or
//! of the program. What is revoked is forgotten by the watch, see `watch`; if the watch stands
//! still, nothing is remembered.

use super::{Session, TokenKeys};
use lru::LruCache;
use perennial_core::programs::Program;
use perennial_core::tokens::{Presented, Revoked};
use perennial_core::{Actor, Clock, ProgramId, Subject, Timestamp};
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The most tokens remembered; beyond it, those are forgotten that were not sent for the longest
/// time.
const TOKENS_MAX: NonZeroUsize = NonZeroUsize::new(10_000).expect("some");
/// How long a token is remembered.
pub(super) const AGE_MAX: Duration = Duration::from_mins(1);
/// How old what the watch has seen may be.
const UNWATCHED_MAX: Duration = Duration::from_secs(5);

/// Verified tokens, by their text.
#[derive(Debug)]
pub(crate) struct Sessions {
    tokens: Mutex<LruCache<Box<str>, Remembered>>,
    /// None before the first watch.
    watched: Mutex<Option<Instant>>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { tokens: Mutex::new(LruCache::new(TOKENS_MAX)), watched: Mutex::default() }
    }
}

/// What was verified: whom the token makes act, and what it can be revoked by.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub(super) actor: Actor,
    pub(super) locale: Option<String>,
    pub(super) presented: Presented,
    /// The keys that it was verified with.
    keys: Arc<TokenKeys>,
    /// The version of the program that it was verified in.
    version: i64,
    until: Timestamp,
}

impl Remembered {
    /// A token that is valid until `expires`, in seconds since the epoch.
    pub(super) fn new(
        session: &Session,
        presented: Presented,
        keys: Arc<TokenKeys>,
        expires: i64,
    ) -> Self {
        let expires = Duration::from_secs(u64::try_from(expires).unwrap_or_default());
        let until = Clock.now().plus(AGE_MAX).min(Timestamp::EPOCH.plus(expires));
        let (actor, locale) = (session.actor.clone(), session.locale.clone());
        Self { actor, locale, presented, keys, version: session.program.version(), until }
    }

    /// Whether the keys and the program are as they were when the token was verified.
    pub(super) fn stands_in(&self, program: &Program, keys: &Arc<TokenKeys>) -> bool {
        self.version == program.version() && Arc::ptr_eq(&self.keys, keys)
    }
}

impl Sessions {
    /// Whom a token names, if it was verified a short while ago.
    pub(super) fn find(&self, token: &str) -> Option<Remembered> {
        if self.is_unwatched() {
            return None;
        }
        let found = locked(&self.tokens).get(token).cloned();
        found.filter(|found| Clock.now() < found.until)
    }

    pub(super) fn remember(&self, token: &str, remembered: Remembered) {
        locked(&self.tokens).put(token.into(), remembered);
    }

    /// Takes note of what was revoked a short while ago; none when that was too much to name.
    pub(super) fn watched(&self, since: Instant, revoked: Option<&[(ProgramId, Revoked)]>) {
        match revoked {
            Some([]) => {}
            Some(revoked) => self.forget(revoked),
            None => locked(&self.tokens).clear(),
        }
        *locked(&self.watched) = Some(since);
    }

    fn forget(&self, revoked: &[(ProgramId, Revoked)]) {
        let (mut ids, mut cut_off, mut erased) = (HashSet::new(), HashMap::new(), HashSet::new());
        for (program, revoked) in revoked {
            match revoked {
                Revoked::Token(id) => drop(ids.insert((*program, *id))),
                Revoked::Erased(member) => drop(erased.insert((*program, *member))),
                Revoked::IssuedUntil(holder, until) => {
                    cut_off.insert((*program, holder), *until);
                }
            }
        }
        let mut tokens = locked(&self.tokens);
        let is_revoked = |one: &Remembered| {
            let (program, presented) = (one.actor.program(), &one.presented);
            let member = match one.actor.subject() {
                Subject::Member(member) => Some(*member),
                _ => None,
            };
            presented.id.is_some_and(|id| ids.contains(&(program, id)))
                || member.is_some_and(|member| erased.contains(&(program, member)))
                || cut_off
                    .get(&(program, &presented.holder))
                    .is_some_and(|until| presented.issued_at <= *until)
        };
        let found: Vec<_> = tokens.iter().filter(|(_, one)| is_revoked(one)).collect();
        let found: Vec<_> = found.into_iter().map(|(token, _)| token.clone()).collect();
        for token in found {
            tokens.pop(&token);
        }
    }

    /// Whether the watch stands still. One that never ran is not missed.
    fn is_unwatched(&self) -> bool {
        locked(&self.watched).is_some_and(|watched| watched.elapsed() > UNWATCHED_MAX)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
