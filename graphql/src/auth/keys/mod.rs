//! Keys that tokens are signed with: the server's own, and those of trusted issuers. Each key
//! allows one algorithm, so that a token's header cannot choose how it is checked.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use perennial_core::{Clock, Code, Error, Result, Scope};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// The audience of tokens.
const AUDIENCE: &str = "perennial";
/// The issuer of the server's own tokens.
const OWN_ISSUER: &str = "perennial";
/// How far clocks may differ.
const LEEWAY_SECONDS: u64 = 60;

/// The keys that tokens are issued and verified with.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    own: OwnKey,
    issuers: HashMap<String, Issuer>,
}

#[derive(Clone)]
struct OwnKey {
    private: EncodingKey,
    public: VerifyingKey,
}

/// An issuer that is trusted in addition to the server itself.
#[derive(Clone, Debug)]
struct Issuer {
    programs: BTreeSet<String>,
    keys: HashMap<String, VerifyingKey>,
}

#[derive(Clone)]
struct VerifyingKey {
    key: DecodingKey,
    algorithm: Algorithm,
}

/// The claims of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: Audience,
    /// Seconds since the epoch.
    pub(crate) exp: i64,
    /// The program's slug.
    pub(crate) program: String,
    /// The operator's name, or the member's external id.
    pub(crate) sub: String,
    /// Separated by spaces.
    #[serde(default)]
    pub(crate) scope: String,
}

/// RFC 7519 allows one or many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl TokenKeys {
    /// With the server's own private key, PKCS#8 in PEM.
    pub fn from_ed25519_pem(private: &str) -> Result<Self> {
        let wrong = || Error::new(Code::InvalidInput, "not an Ed25519 private key in PKCS#8 PEM");
        let private = SigningKey::from_pkcs8_pem(private).map_err(|_| wrong())?;
        let public = DecodingKey::from_ed_der(private.verifying_key().as_bytes());
        let private = private.to_pkcs8_der().map_err(|_| wrong())?;
        let own = OwnKey {
            private: EncodingKey::from_ed_der(private.as_bytes()),
            public: VerifyingKey { key: public, algorithm: Algorithm::EdDSA },
        };
        Ok(Self { own, issuers: HashMap::new() })
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
        let wrong = |why: String| Error::new(Code::InvalidInput, format!("{issuer}: {why}"));
        if issuer == OWN_ISSUER {
            return Err(wrong("this is the name of the server's own tokens".to_owned()));
        }
        let set: JwkSet = serde_json::from_str(jwks)
            .map_err(|error| wrong(format!("not a JWKS document: {error}")))?;
        let keys: HashMap<_, _> = set.keys.iter().filter_map(usable).collect();
        if keys.is_empty() {
            return Err(wrong("the JWKS document has no RS256, ES256 or EdDSA key".to_owned()));
        }
        let programs = programs.into_iter().collect();
        self.issuers.insert(issuer.to_owned(), Issuer { programs, keys });
        Ok(self)
    }

    /// A token of the server itself. `sub` is the operator's name, or the member's external id when
    /// `scopes` has `member`.
    pub fn issue(
        &self,
        program: &str,
        sub: &str,
        scopes: &[Scope],
        lifetime: Duration,
    ) -> Result<String> {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            iss: OWN_ISSUER.to_owned(),
            aud: Audience::One(AUDIENCE.to_owned()),
            exp: (Clock.now().microseconds() / 1_000_000).saturating_add(lifetime),
            program: program.to_owned(),
            sub: sub.to_owned(),
            scope: scopes.join(" "),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.own.private)
            .map_err(|error| Error::internal("a token cannot be signed").caused_by(error))
    }

    /// The claims of a valid token. Fails with `UNAUTHENTICATED`.
    pub(crate) fn verify(&self, token: &str) -> Result<Claims> {
        let refused = |why: String| Error::new(Code::Unauthenticated, why);
        let invalid = |error: jsonwebtoken::errors::Error| {
            refused(format!("the token is not valid: {error}"))
        };
        let key = self.key(token).map_err(invalid)?.ok_or_else(|| {
            refused("the token is signed with a key that is not trusted".to_owned())
        })?;
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims: Claims =
            jsonwebtoken::decode(token, &key.key, &validation).map_err(invalid)?.claims;
        let foreign = |issuer: &Issuer| !issuer.programs.contains(&claims.program);
        if self.issuers.get(&claims.iss).is_some_and(foreign) {
            return Err(refused(format!(
                "the token's issuer is not trusted for {}",
                claims.program
            )));
        }
        Ok(claims)
    }

    /// The key that a token must be signed with, according to its claims, which are not verified
    /// yet. The issuer that selects the key is the one in the verified claims, because both are
    /// read from the same bytes.
    fn key(&self, token: &str) -> jsonwebtoken::errors::Result<Option<&VerifyingKey>> {
        #[derive(Deserialize)]
        struct Claimed {
            iss: String,
        }
        let kid = jsonwebtoken::decode_header(token)?.kid;
        let claimed: Claimed = jsonwebtoken::dangerous::insecure_decode_claims(token)?;
        if claimed.iss == OWN_ISSUER {
            return Ok(Some(&self.own.public));
        }
        let issuer = self.issuers.get(&claimed.iss);
        Ok(issuer.zip(kid).and_then(|(issuer, kid)| issuer.keys.get(&kid)))
    }
}

/// A key of a JWKS document with its id, if tokens may be signed with it.
fn usable(jwk: &Jwk) -> Option<(String, VerifyingKey)> {
    if jwk.common.public_key_use.as_ref().is_some_and(|its| *its != PublicKeyUse::Signature) {
        return None;
    }
    let (algorithm, name) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if is_ed25519(&key.curve, &key.x) => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    if jwk.common.key_algorithm.is_some_and(|its| its != name) {
        return None;
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((jwk.common.key_id.clone()?, VerifyingKey { key, algorithm }))
}

fn is_ed25519(curve: &EllipticCurve, x: &str) -> bool {
    let length = BASE64URL_NOPAD.decode(x.as_bytes()).map(|bytes| bytes.len());
    *curve == EllipticCurve::Ed25519 && length == Ok(ed25519_dalek::PUBLIC_KEY_LENGTH)
}

impl std::fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnKey").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyingKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
