//! The server's own keys: the one that signs, and the one before it, whose tokens are still valid.

use super::VerifyingKey;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use perennial_core::{Code, Error, Result};

/// What a block of the file is called.
const PRIVATE_KEY: &str = "PRIVATE KEY";

/// A key that the server signs, or has signed, its own tokens with.
#[derive(Clone)]
pub(super) struct OwnKey {
    /// The thumbprint of RFC 7638: it follows from the key, so that nodes which share the key agree.
    pub(super) kid: String,
    pub(super) public: VerifyingKey,
    private: EncodingKey,
}

impl OwnKey {
    /// The keys of a PEM file, in its order.
    pub(super) fn read(text: &str) -> Result<Vec<Self>> {
        let blocks = pem::parse_many(text).map_err(|_| wrong())?;
        if blocks.is_empty() || blocks.iter().any(|block| block.tag() != PRIVATE_KEY) {
            return Err(wrong());
        }
        blocks.iter().map(|block| Self::from_pkcs8(block.contents())).collect()
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self> {
        let private = SigningKey::from_pkcs8_der(der).map_err(|_| wrong())?;
        let public = DecodingKey::from_ed_der(private.verifying_key().as_bytes());
        let jwk = Jwk::from_decoding_key(&public, None).map_err(|_| wrong())?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| wrong())?;
        // Written anew: a file may hold the public key as well, which what follows does not expect.
        let private = private.to_pkcs8_der().map_err(|_| wrong())?;
        Ok(Self {
            kid,
            public: VerifyingKey { key: public, algorithm: Algorithm::EdDSA },
            private: EncodingKey::from_ed_der(private.as_bytes()),
        })
    }

    pub(super) fn sign(&self, claims: &super::Claims) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.private)
            .map_err(|error| Error::internal("a token cannot be signed").caused_by(error))
    }
}

fn wrong() -> Error {
    Error::new(Code::InvalidInput, "not Ed25519 private keys in PKCS#8 PEM")
}

impl std::fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
