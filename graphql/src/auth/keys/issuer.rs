//! Issuers that are trusted in addition to the server itself, by their JWKS documents.

use super::VerifyingKey;
use super::claims::OWN_ISSUER;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use perennial_core::{Code, Error, Result};
use std::collections::{BTreeSet, HashMap};

/// An issuer that is trusted for some programs.
#[derive(Clone, Debug)]
pub(super) struct Issuer {
    pub(super) programs: BTreeSet<String>,
    pub(super) keys: HashMap<String, VerifyingKey>,
}

impl Issuer {
    /// RS256, ES256 and `EdDSA` keys with a `kid` are used; a document without any is refused.
    pub(super) fn read(issuer: &str, jwks: &str, programs: BTreeSet<String>) -> Result<Self> {
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
        Ok(Self { programs, keys })
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
