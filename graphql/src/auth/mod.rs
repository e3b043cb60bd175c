//! Authentication. A bearer token becomes the core's `Actor`; a request without a token is
//! anonymous, and a request with an invalid token is refused.

mod keys;
mod sessions;
mod watch;

pub use keys::TokenKeys;

use axum::http::{HeaderMap, header};
use perennial_core::programs::Program;
use perennial_core::tokens::Bearer;
use perennial_core::{Actor, Code, Error, Loyalty, MemberId, Result, Subject};
use sessions::{Remembered, Sessions};
use std::sync::{Arc, PoisonError, RwLock};

/// A request with a valid token.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) actor: Actor,
    /// As this process last saw it.
    pub(crate) program: Program,
    /// The member's language, as it was when the token was verified. `None` for an operator.
    pub(crate) locale: Option<String>,
}

impl Session {
    /// Whether the token is a member's, who has no business in the admin schema.
    pub(crate) fn is_members(&self) -> bool {
        matches!(self.actor.subject(), Subject::Member(_))
    }

    /// The member that the token belongs to. Fails with `FORBIDDEN` for other tokens.
    pub(crate) fn member(&self) -> Result<MemberId> {
        match self.actor.subject() {
            Subject::Member(id) => Ok(*id),
            _ => Err(Error::new(Code::Forbidden, "this needs a member's token")),
        }
    }
}

/// What requests are authenticated with.
#[derive(Debug)]
pub(crate) struct Auth {
    /// Replaced as a whole, so that a token is verified with one set of keys.
    keys: RwLock<Arc<TokenKeys>>,
    sessions: Sessions,
}

impl Auth {
    pub(crate) fn new(keys: TokenKeys) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), sessions: Sessions::default() }
    }

    /// Verifies with other keys from now on, also what was verified before.
    pub(crate) fn replace_keys(&self, keys: TokenKeys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// Forgets tokens that were revoked, until it is dropped.
    pub(crate) async fn watch(&self, loyalty: &Loyalty) {
        watch::watch(loyalty, &self.sessions).await;
    }

    /// The session of a request; `None` if it has no token. Fails with `UNAUTHENTICATED`.
    pub(crate) async fn authenticate(
        &self,
        loyalty: &Loyalty,
        headers: &HeaderMap,
    ) -> Result<Option<Session>> {
        let Some(token) = bearer(headers)? else { return Ok(None) };
        let keys = self.keys();
        if let Some(remembered) = self.sessions.find(token) {
            let program = loyalty.programs().last_seen(remembered.actor.program()).await?;
            if remembered.stands_in(&program, &keys) {
                let Remembered { actor, locale, .. } = remembered;
                return Ok(Some(Session { actor, program, locale }));
            }
        }
        self.verify(loyalty, keys, token).await.map(Some)
    }

    async fn verify(
        &self,
        loyalty: &Loyalty,
        keys: Arc<TokenKeys>,
        token: &str,
    ) -> Result<Session> {
        let claims = keys.verify(token)?;
        let program = loyalty.programs().by_slug(&claims.program).await.map_err(unknown)?;
        let presented = claims.presented();
        let (actor, locale) = match loyalty.tokens().admit(program.id, &presented).await? {
            Bearer::Member { id, locale } => (Actor::member(program.id, id), Some(locale)),
            Bearer::Operator(name) => (Actor::operator(program.id, name, claims.scopes()), None),
        };
        let session = Session { actor, program, locale };
        let remembered = Remembered::new(&session, presented, keys, claims.exp);
        self.sessions.remember(token, remembered);
        Ok(session)
    }

    fn keys(&self) -> Arc<TokenKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A token for a program that does not exist proves nothing.
fn unknown(error: Error) -> Error {
    match error.code() {
        Code::ProgramNotFound => Error::new(Code::Unauthenticated, error.message()),
        _ => error,
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let wrong =
        || Error::new(Code::Unauthenticated, "the Authorization header is not a Bearer token");
    let text = value.to_str().map_err(|_| wrong())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(wrong());
    }
    Ok(Some(token.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_bearer_token_is_read_and_anything_else_is_refused() {
        let read = |value: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            bearer(&headers).map(|token| token.map(str::to_owned)).map_err(|error| error.code())
        };
        assert_eq!(bearer(&HeaderMap::new()).unwrap(), None);
        assert_eq!(read("bearer a.b.c"), Ok(Some("a.b.c".to_owned())));
        for wrong in ["Basic YTpi", "Bearer", "Bearer  ", ""] {
            assert_eq!(read(wrong), Err(Code::Unauthenticated), "{wrong}");
        }
    }

    #[test]
    fn a_token_for_a_program_that_is_not_there_is_refused_and_other_trouble_is_not_its_fault() {
        let code = |code| unknown(Error::new(code, "why")).code();
        assert_eq!(code(Code::ProgramNotFound), Code::Unauthenticated);
        assert_eq!(code(Code::Unavailable), Code::Unavailable);
        assert_eq!(code(Code::ProgramUnusable), Code::ProgramUnusable);
    }
}
