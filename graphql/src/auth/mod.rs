//! Authentication. A bearer token becomes the core's `Actor`; a request without a token is
//! anonymous, and a request with an invalid token is refused.

mod keys;
mod sessions;

pub use keys::TokenKeys;
pub(crate) use sessions::Sessions;

use axum::http::{HeaderMap, header};
use keys::Claims;
use perennial_core::programs::Program;
use perennial_core::{Actor, Code, Error, Loyalty, MemberId, Result, Scope, Subject};

/// A request with a valid token.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) actor: Actor,
    /// As this process last saw it.
    pub(crate) program: Program,
}

impl Session {
    /// The member that the token belongs to. Fails with `FORBIDDEN` for other tokens.
    pub(crate) fn member(&self) -> Result<MemberId> {
        match self.actor.subject() {
            Subject::Member(id) => Ok(*id),
            _ => Err(Error::new(Code::Forbidden, "this needs a member's token")),
        }
    }
}

/// The session of a request; `None` if it has no token. Fails with `UNAUTHENTICATED`.
pub(crate) async fn authenticate(
    loyalty: &Loyalty,
    keys: &TokenKeys,
    sessions: &Sessions,
    headers: &HeaderMap,
) -> Result<Option<Session>> {
    let Some(token) = bearer(headers)? else { return Ok(None) };
    if let Some(remembered) = sessions.find(token) {
        let program = loyalty.programs().last_seen(remembered.actor.program()).await?;
        if remembered.stands_in(&program) {
            return Ok(Some(Session { actor: remembered.actor, program }));
        }
    }
    let session = verify(loyalty, keys, sessions, token).await?;
    Ok(Some(session))
}

async fn verify(
    loyalty: &Loyalty,
    keys: &TokenKeys,
    sessions: &Sessions,
    token: &str,
) -> Result<Session> {
    let claims = keys.verify(token)?;
    let expires = claims.exp;
    let unknown = |error: Error| match error.code() {
        Code::ProgramNotFound | Code::MemberNotFound => {
            Error::new(Code::Unauthenticated, error.message())
        }
        _ => error,
    };
    let program = loyalty.programs().by_slug(&claims.program).await.map_err(unknown)?;
    let actor = actor(loyalty, &program, claims).await.map_err(unknown)?;
    sessions.remember(token, &actor, &program, expires);
    Ok(Session { actor, program })
}

async fn actor(loyalty: &Loyalty, program: &Program, claims: Claims) -> Result<Actor> {
    // An identity provider's own scopes, such as `openid`, have no meaning here.
    let scopes: Vec<Scope> =
        claims.scope.split_whitespace().filter_map(|scope| scope.parse().ok()).collect();
    if !scopes.contains(&Scope::Member) {
        return Ok(Actor::operator(program.id, claims.sub, scopes));
    }
    let system = Actor::system(program.id);
    let found = loyalty.members().find_by_external_id(&system, &claims.sub).await?;
    let missing = || {
        let why = format!("there is no member `{}` in the program", claims.sub);
        Error::new(Code::MemberNotFound, why)
    };
    found.map(|member| Actor::member(program.id, member.id)).ok_or_else(missing)
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
}
