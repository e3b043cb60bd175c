//! Tokens that must be refused, and those that must be accepted.

mod times;

use super::*;
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use perennial_core::tokens::Holder;
use perennial_core::{Id, Scope};
use serde_json::{Value, json};
use std::time::Duration;

const ISSUER: &str = "https://id.example";

fn signing(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// With the keys of these seeds, the one that signs first.
fn own_keys(seeds: &[u8]) -> TokenKeys {
    let pem = |seed: &u8| signing(*seed).to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    TokenKeys::from_ed25519_pem(&seeds.iter().map(pem).collect::<String>()).unwrap()
}

fn keys() -> TokenKeys {
    own_keys(&[1])
}

fn now() -> i64 {
    seconds(Clock.now())
}

fn trusting(programs: &[&str]) -> TokenKeys {
    let x = BASE64URL_NOPAD.encode(signing(2).verifying_key().as_bytes());
    let jwks = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "kid": "k1", "use": "sig", "x": x },
        { "kty": "oct", "kid": "secret", "k": "c2VjcmV0" },
    ]});
    keys().trust(ISSUER, &jwks.to_string(), programs.iter().map(|&slug| slug.to_owned())).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": OWN_ISSUER, "aud": AUDIENCE, "exp": now() + 600, "iat": now(),
        "jti": TokenId::new().to_string(), "program": "shop", "sub": "ada", "scope": "member",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// Signed by the key of `seed` under the header `header`.
fn signed(seed: u8, header: &Header, claims: &Value) -> String {
    let der = signing(seed).to_pkcs8_der().unwrap();
    jsonwebtoken::encode(header, claims, &EncodingKey::from_ed_der(der.as_bytes())).unwrap()
}

fn own(claims: &Value) -> String {
    signed(1, &own_header(), claims)
}

fn own_header() -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(keys().own[0].kid.clone());
    header
}

fn foreign(kid: &str, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(kid.to_owned());
    signed(2, &header, claims)
}

fn refuses(keys: &TokenKeys, token: &str) -> bool {
    keys.verify(token).is_err_and(|error| error.code() == Code::Unauthenticated)
}

#[test]
fn an_issued_token_is_valid_and_says_what_was_asked() {
    let (holder, scopes) =
        (Holder::Operator("till-1".to_owned()), [Scope::PurchasesWrite, Scope::Read]);
    let minute = Duration::from_mins(1);
    let token = Token::new(holder.clone(), scopes.to_vec(), Clock.now(), minute).unwrap();
    let claims = keys().verify(&keys().sign("shop", &token).unwrap()).unwrap();
    assert_eq!((claims.program.as_str(), claims.sub.as_str()), ("shop", "till-1"));
    assert_eq!(claims.scopes(), scopes);
    let presented = claims.presented();
    assert_eq!((presented.holder, presented.id), (holder, Some(token.id)));
    assert_eq!(presented.issued_at, token.id.made_at());
}

#[test]
fn a_token_without_a_needed_claim_or_with_a_wrong_one_is_refused() {
    let now = now();
    assert!(keys().verify(&own(&claims())).is_ok());
    assert!(keys().verify(&own(&with("exp", json!(now - 2)))).is_ok(), "clocks differ a little");
    assert!(refuses(&keys(), &own(&with("exp", json!(now - 7)))), "expired");
    assert!(refuses(&keys(), &own(&with("nbf", json!(now + 600)))), "not yet valid");
    assert!(refuses(&keys(), &own(&with("iat", json!(now + 600)))), "not yet issued");
    assert!(refuses(&keys(), &own(&with("aud", json!("another-service")))), "for another audience");
    assert!(refuses(&keys(), &own(&with("iss", json!("another-issuer")))), "of an unknown issuer");
    assert!(refuses(&keys(), &own(&with("jti", json!("1")))), "without an id of ours");
    for name in ["iss", "aud", "exp", "iat", "jti", "program", "sub"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert!(refuses(&keys(), &own(&claims)), "without {name}");
    }
}

#[test]
fn a_server_whose_clock_is_late_takes_what_others_have_just_issued() {
    let late = now() - 3600;
    let claims = keys().verify(&own(&with("nbf", json!(now())))).unwrap();
    assert!(check_times(&claims, late, false).is_err());
    assert!(check_times(&claims, late, true).is_ok());
    assert!(check_times(&claims, now() + 3600, true).is_err(), "it has expired all the same");
}

#[test]
fn a_token_that_chooses_another_algorithm_is_refused() {
    let encode = |header: Value| {
        let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        format!("{}.{}", part(&header), part(&claims()))
    };
    assert!(refuses(&keys(), &format!("{}.", encode(json!({ "alg": "none", "typ": "JWT" })))));
    // Signed with the public key as if it were a shared secret.
    let secret = EncodingKey::from_secret(signing(1).verifying_key().as_bytes());
    let header = Header { alg: Algorithm::HS256, ..own_header() };
    let hmac = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
    assert!(refuses(&keys(), &hmac));
    let (_, signature) = hmac.rsplit_once('.').unwrap();
    let named = json!({ "alg": "EdDSA", "kid": own_header().kid });
    assert!(refuses(&keys(), &format!("{}.{signature}", encode(named))));
}

#[test]
fn a_token_signed_with_another_key_is_refused() {
    assert!(refuses(&keys(), &signed(3, &own_header(), &claims())));
    assert!(refuses(&keys(), &signed(1, &Header::new(Algorithm::EdDSA), &claims())), "unnamed");
    let (message, _) =
        own(&claims()).rsplit_once('.').map(|(m, s)| (m.to_owned(), s.len())).unwrap();
    assert!(refuses(&keys(), &format!("{message}.")));
    for garbage in ["", "a", "a.b", "a.b.c", "a.b.c.d"] {
        assert!(refuses(&keys(), garbage), "{garbage}");
    }
}

#[test]
fn a_key_is_accepted_for_as_long_as_the_file_has_it() {
    let token = own(&claims());
    assert!(own_keys(&[1, 3]).verify(&token).is_ok());
    assert!(own_keys(&[3, 1]).verify(&token).is_ok(), "the key before the one that signs");
    assert!(refuses(&own_keys(&[3]), &token), "a key that is gone");
    let (holder, scopes) = (Holder::Operator("office".to_owned()), vec![Scope::Read]);
    let new = Token::new(holder, scopes, Clock.now(), Duration::from_mins(1)).unwrap();
    let new = own_keys(&[3, 1]).sign("shop", &new).unwrap();
    assert!(own_keys(&[3]).verify(&new).is_ok(), "the first one signs");
}

#[test]
fn a_header_with_something_critical_is_refused() {
    let header = Header { crit: Some(vec!["exp".to_owned()]), ..own_header() };
    assert!(refuses(&keys(), &signed(1, &header, &claims())));
}

#[test]
fn a_token_of_anyone_is_valid_for_no_longer_than_the_most() {
    let most = i64::try_from(LIFETIME_MAX.as_secs()).unwrap();
    assert!(keys().verify(&own(&with("exp", json!(now() + most - 5)))).is_ok());
    assert!(refuses(&keys(), &own(&with("exp", json!(now() + most + 5)))));
    let mut theirs = with("iss", json!(ISSUER));
    theirs["exp"] = json!(now() + most + 5);
    theirs.as_object_mut().unwrap().remove("iat");
    assert!(refuses(&trusting(&["shop"]), &foreign("k1", &theirs)), "it counts from now");
    theirs["exp"] = json!(now() + 60);
    let claims = trusting(&["shop"]).verify(&foreign("k1", &theirs)).unwrap();
    assert_eq!(claims.presented().id, None, "an id of another issuer is not ours");
}

#[test]
fn an_issuer_speaks_for_its_programs_with_its_keys_only() {
    let theirs = with("iss", json!(ISSUER));
    assert!(trusting(&["shop"]).verify(&foreign("k1", &theirs)).is_ok());
    assert!(refuses(&trusting(&["garage"]), &foreign("k1", &theirs)), "a foreign program");
    assert!(refuses(&trusting(&["shop"]), &foreign("k2", &theirs)), "an unknown key");
    assert!(refuses(&trusting(&["shop"]), &foreign("secret", &theirs)), "a shared secret");
    assert!(refuses(&trusting(&["shop"]), &foreign("k1", &claims())), "in the server's name");
    assert!(refuses(&trusting(&["shop"]), &own(&theirs)), "signed with the server's key");
}

#[test]
fn keys_of_identity_providers_are_taken_each_with_its_own_algorithm() {
    let rsa = EncodingKey::from_rsa_pem(include_bytes!("fixtures/rsa.pem")).unwrap();
    let p256 = EncodingKey::from_ec_pem(include_bytes!("fixtures/p256.pem")).unwrap();
    let published = [("rsa", &rsa, Algorithm::RS256), ("p256", &p256, Algorithm::ES256)];
    let jwk = |(kid, key, algorithm): (&str, &EncodingKey, Algorithm)| {
        let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
        jwk.common.key_id = Some(kid.to_owned());
        jwk
    };
    let jwks = serde_json::to_string(&JwkSet { keys: published.map(jwk).to_vec() }).unwrap();
    let trusting = keys().trust(ISSUER, &jwks, ["shop".to_owned()]).unwrap();
    let token = |kid: &str, key: &EncodingKey, algorithm| {
        let mut header = Header::new(algorithm);
        header.kid = Some(kid.to_owned());
        jsonwebtoken::encode(&header, &with("iss", json!(ISSUER)), key).unwrap()
    };
    for (kid, key, algorithm) in published {
        assert!(trusting.verify(&token(kid, key, algorithm)).is_ok(), "{kid}");
    }
    assert!(refuses(&trusting, &token("rsa", &p256, Algorithm::ES256)), "another key's name");
    assert!(refuses(&trusting, &token("rsa", &rsa, Algorithm::RS512)), "another algorithm");
}

#[test]
fn documents_without_a_usable_key_are_refused() {
    let short = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "AAAA" }] });
    let encryption = json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "k", "use": "enc",
        "x": BASE64URL_NOPAD.encode(signing(2).verifying_key().as_bytes()),
    }]});
    // Of a curve whose signatures are none of those that are taken.
    let coordinate = BASE64URL_NOPAD.encode(&[1; 48]);
    let p384 = json!({ "keys": [
        { "kty": "EC", "crv": "P-384", "kid": "k", "x": coordinate, "y": coordinate },
    ]});
    let documents = [short, encryption, p384].map(|jwks| jwks.to_string());
    for jwks in ["{}".to_owned(), "no JSON".to_owned()].into_iter().chain(documents) {
        let refused = keys().trust(ISSUER, &jwks, ["shop".to_owned()]).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidInput, "{jwks}");
    }
    assert!(TokenKeys::from_ed25519_pem("no PEM").is_err());
}
