//! What a token says.

use perennial_core::tokens::{Holder, Presented, Token};
use perennial_core::{Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The audience of tokens.
pub(super) const AUDIENCE: &str = "perennial";
/// The issuer of the server's own tokens.
pub(super) const OWN_ISSUER: &str = "perennial";

/// The claims of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(super) iss: String,
    aud: Audience,
    /// Seconds since the epoch.
    pub(crate) exp: i64,
    /// Seconds since the epoch. The server's own tokens have it; another issuer's may not.
    #[serde(default)]
    pub(super) iat: Option<i64>,
    /// Before when it is not valid, in seconds since the epoch. The server's own tokens lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<i64>,
    /// The token's id. The server's own tokens have one of ours.
    #[serde(default)]
    pub(super) jti: Option<String>,
    /// The program's slug.
    pub(crate) program: String,
    /// The operator's name, or the member's external id.
    pub(crate) sub: String,
    /// Separated by spaces.
    #[serde(default)]
    scope: String,
}

/// RFC 7519 allows one or many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// What a token of the server itself says.
    pub(super) fn of(token: &Token, program: &str) -> Self {
        Self {
            iss: OWN_ISSUER.to_owned(),
            aud: Audience::One(AUDIENCE.to_owned()),
            exp: seconds(token.expires_at),
            iat: Some(seconds(token.issued_at)),
            nbf: None,
            jti: Some(token.id.to_string()),
            program: program.to_owned(),
            sub: token.holder.name().to_owned(),
            scope: token.scope_text(),
        }
    }

    pub(super) fn is_own(&self) -> bool {
        self.iss == OWN_ISSUER
    }

    /// An identity provider's own scopes, such as `openid`, have no meaning here.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        self.scope.split_whitespace().filter_map(|scope| scope.parse().ok()).collect()
    }

    /// What is looked up of the token.
    pub(crate) fn presented(&self) -> Presented {
        let holder = match self.scopes().contains(&Scope::Member) {
            true => Holder::Member(self.sub.clone()),
            false => Holder::Operator(self.sub.clone()),
        };
        // An id in the token of another issuer is that issuer's matter, whatever it looks like.
        let id = self.jti.as_deref().filter(|_| self.is_own());
        Presented::new(holder, id.and_then(|id| id.parse().ok()), self.iat.map(instant))
    }
}

/// Seconds since the epoch, as claims have them.
pub(super) fn seconds(instant: Timestamp) -> i64 {
    instant.microseconds() / 1_000_000
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::EPOCH.plus(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}
