//! Keys that tokens are signed with: the server's own, and those of trusted issuers. Each key
//! allows one algorithm, so that a token's header cannot choose how it is checked.

mod claims;
mod issuer;
mod own;

pub(crate) use claims::Claims;

use claims::{AUDIENCE, OWN_ISSUER, seconds};
use issuer::Issuer;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use own::OwnKey;
use perennial_core::tokens::{LIFETIME_MAX, Token};
use perennial_core::{Clock, Code, Error, Result, TokenId};
use serde::Deserialize;
use std::collections::HashMap;

/// How far the clocks of issuers and nodes may differ.
const LEEWAY_SECONDS: i64 = 5;

/// The keys that tokens are issued and verified with.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    /// The first one signs.
    own: Vec<OwnKey>,
    issuers: HashMap<String, Issuer>,
}

#[derive(Clone)]
struct VerifyingKey {
    key: DecodingKey,
    algorithm: Algorithm,
}

impl TokenKeys {
    /// With the server's own private keys, PKCS#8 in PEM: the first one signs, and tokens that any
    /// of them signed are accepted. Fails with `INVALID_INPUT`.
    pub fn from_ed25519_pem(private: &str) -> Result<Self> {
        Ok(Self { own: OwnKey::read(private)?, issuers: HashMap::new() })
    }

    /// Trusts the keys of a JWKS document, given as JSON text, for tokens of `issuer` in the named
    /// programs only. RS256, ES256 and `EdDSA` keys with a `kid` are used; a document without any
    /// is refused.
    pub fn trust(
        mut self,
        issuer: &str,
        jwks: &str,
        programs: impl IntoIterator<Item = String>,
    ) -> Result<Self> {
        let trusted = Issuer::read(issuer, jwks, programs.into_iter().collect())?;
        self.issuers.insert(issuer.to_owned(), trusted);
        Ok(self)
    }

    /// The text of a token that was issued in a program, given by its slug.
    pub fn sign(&self, program: &str, token: &Token) -> Result<String> {
        let key = self.own.first().ok_or_else(|| Error::internal("no key to sign with"))?;
        key.sign(&Claims::of(token, program))
    }

    /// The claims of a valid token. Fails with `UNAUTHENTICATED`.
    pub(crate) fn verify(&self, token: &str) -> Result<Claims> {
        let invalid = |error: jsonwebtoken::errors::Error| match error.kind() {
            ErrorKind::InvalidToken => refused("the token is not a JSON Web Token"),
            _ => refused(format!("the token is not valid: {error}")),
        };
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        // What an issuer marks as critical must be understood, and nothing of the kind is.
        if header.crit.is_some() {
            return Err(refused("the token's header has `crit`, which is not supported"));
        }
        let key = self.key(token, &header).map_err(invalid)?;
        let key =
            key.ok_or_else(|| refused("the token is signed with a key that is not trusted"))?;
        let mut validation = Validation::new(key.algorithm);
        // By the server's clock, in `check_times`.
        validation.validate_exp = false;
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims: Claims =
            jsonwebtoken::decode(token, &key.key, &validation).map_err(invalid)?.claims;
        self.check(&claims)?;
        Ok(claims)
    }

    fn check(&self, claims: &Claims) -> Result<()> {
        let is_foreign = |issuer: &Issuer| !issuer.programs.contains(&claims.program);
        if self.issuers.get(&claims.iss).is_some_and(is_foreign) {
            let why = format!("the token's issuer is not trusted for {}", claims.program);
            return Err(refused(why));
        }
        let id = claims.jti.as_deref().and_then(|id| id.parse::<TokenId>().ok());
        if claims.is_own() && (id.is_none() || claims.iat.is_none()) {
            return Err(refused("the token lacks its id (`jti`) or when it was issued (`iat`)"));
        }
        check_times(claims, seconds(Clock.now()), Clock.doubt().is_some())
    }

    /// The key that a token must be signed with, according to its claims, which are not verified
    /// yet. The issuer that selects the key is the one in the verified claims, because both are
    /// read from the same bytes.
    fn key(
        &self,
        token: &str,
        header: &Header,
    ) -> jsonwebtoken::errors::Result<Option<&VerifyingKey>> {
        #[derive(Deserialize)]
        struct Claimed {
            iss: String,
        }
        let claimed: Claimed = jsonwebtoken::dangerous::insecure_decode_claims(token)?;
        let Some(kid) = &header.kid else { return Ok(None) };
        if claimed.iss == OWN_ISSUER {
            return Ok(self.own.iter().find(|own| own.kid == *kid).map(|own| &own.public));
        }
        Ok(self.issuers.get(&claimed.iss).and_then(|issuer| issuer.keys.get(kid)))
    }
}

/// A token that does not say when it was issued counts as issued now. While the server does not
/// believe its machine's clock, its own may be late: what others have just issued is valid then.
fn check_times(claims: &Claims, now: i64, is_late: bool) -> Result<()> {
    let issued = claims.iat.unwrap_or(now);
    let is_ahead = |instant: i64| instant.saturating_sub(now) > LEEWAY_SECONDS && !is_late;
    if now.saturating_sub(claims.exp) > LEEWAY_SECONDS {
        return Err(refused("the token has expired"));
    }
    if claims.nbf.is_some_and(is_ahead) {
        return Err(refused("the token is not valid yet"));
    }
    if is_ahead(issued) {
        return Err(refused("the token was issued in the future: the clocks differ"));
    }
    let most = i64::try_from(LIFETIME_MAX.as_secs()).unwrap_or(i64::MAX);
    if claims.exp.saturating_sub(issued) > most {
        let days = LIFETIME_MAX.as_secs() / 86_400;
        return Err(refused(format!("the token is valid for longer than {days} days")));
    }
    Ok(())
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(Code::Unauthenticated, why)
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyingKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
