//! The keys that seals are signed and verified with: the server's own, the same as its tokens', and
//! for verifying also those that an operator names.

use crate::private_key::{parse, public as named};
use crate::token_key;
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use perennial_core::{Checked, KnownKeys, Signature, Signer};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// The first key signs; all are known.
#[derive(Debug, Default)]
pub(crate) struct SealKeys {
    own: RwLock<Vec<SigningKey>>,
    /// Public keys in base64url.
    trusted: Vec<String>,
}

impl SealKeys {
    /// With the keys of a file's text, PKCS #8 in PEM.
    pub(crate) fn from_pem(own: &str) -> anyhow::Result<Self> {
        Ok(Self { own: RwLock::new(parse(own)?), trusted: Vec::new() })
    }

    /// For verifying: with the keys of a file, if it is there, and those that are trusted besides.
    pub(crate) fn known(file: &Path, trusted: Vec<String>) -> anyhow::Result<Self> {
        let own = match file.exists() {
            true => parse(&token_key::read(file)?)?,
            false => Vec::new(),
        };
        Ok(Self { own: RwLock::new(own), trusted })
    }

    /// Signs with other keys from now on.
    pub(crate) fn replace(&self, own: &str) -> anyhow::Result<()> {
        *self.own.write().unwrap_or_else(PoisonError::into_inner) = parse(own)?;
        Ok(())
    }

    fn knows(&self, public: &str) -> bool {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.iter().map(named).chain(self.trusted.iter().cloned()).any(|known| known == public)
    }
}

impl Signer for SealKeys {
    fn sign(&self, message: &[u8]) -> Option<Signature> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        let key = own.first()?;
        Some(Signature { signed_by: named(key), bytes: key.sign(message).to_vec() })
    }
}

impl KnownKeys for SealKeys {
    fn check(&self, message: &[u8], signature: &Signature) -> Checked {
        let is_valid = || {
            let key = verifying(&signature.signed_by)?;
            let signature = ed25519_dalek::Signature::from_slice(&signature.bytes).ok()?;
            key.verify_strict(message, &signature).ok()
        };
        match is_valid() {
            None => Checked::Wrong,
            Some(()) if self.knows(&signature.signed_by) => Checked::Valid,
            Some(()) => Checked::UnknownKey,
        }
    }
}

/// A public key as `verify` prints it, if it is one.
pub(crate) fn trusted(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is not a public key as `perennial verify` prints it");
    verifying(text).map(|_| text.to_owned()).ok_or_else(wrong)
}

fn verifying(text: &str) -> Option<VerifyingKey> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn a_signature_is_of_one_message_by_one_key_that_is_known() {
        let folder = tempdir().unwrap();
        let [mine, other] = ["mine.pem", "other.pem"].map(|name| folder.path().join(name));
        for path in [&mine, &other] {
            token_key::read_or_create(path).unwrap();
        }
        let keys = SealKeys::from_pem(&token_key::read(&mine).unwrap()).unwrap();
        let signature = keys.sign(b"a hash").unwrap();
        assert_eq!(keys.check(b"a hash", &signature), Checked::Valid);
        assert_eq!(keys.check(b"another", &signature), Checked::Wrong);
        let others = SealKeys::known(&other, Vec::new()).unwrap();
        assert_eq!(others.check(b"a hash", &signature), Checked::UnknownKey);
        let stolen =
            Signature { signed_by: named(&others.own.read().unwrap()[0]), ..signature.clone() };
        assert_eq!(others.check(b"a hash", &stolen), Checked::Wrong);
        let told = trusted(&signature.signed_by).unwrap();
        let nowhere = folder.path().join("nowhere.pem");
        let told = SealKeys::known(&nowhere, vec![told]).unwrap();
        assert_eq!(told.check(b"a hash", &signature), Checked::Valid);
        assert!(told.sign(b"a hash").is_none(), "there is no key");
        assert!(trusted("AAAA").is_err() && trusted("no key").is_err());

        token_key::rotate(&mine, false).unwrap();
        keys.replace(&token_key::read(&mine).unwrap()).unwrap();
        assert_ne!(keys.sign(b"a hash").unwrap().signed_by, signature.signed_by);
        assert_eq!(keys.check(b"a hash", &signature), Checked::Valid, "the key before it is known");
    }
}
