//! Digests.

use crate::db::{Field, Kind};
use crate::{Code, Error};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A SHA-256 as [`sha256_hex`] writes it, stored as its bytes.
pub(crate) struct Sha256Hex(pub(crate) String);

impl Field for Sha256Hex {
    const KIND: Kind = Kind::Bytes;

    fn write(&self, json: &mut String) {
        self.0.write(json);
    }

    fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
        String::deserialize(column).map(|text| Self(text.to_lowercase()))
    }
}

/// What nobody can guess: 122 random bits, to be hashed with what somebody could.
pub(crate) fn salt() -> Vec<u8> {
    Uuid::new_v4().as_bytes().to_vec()
}

/// In hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// SHA-256 of parts, one after the other: only the last may be of any length.
pub(crate) fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().to_vec()
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Tells a repeated request from another one under the same key: a version, and the SHA-256 of the
/// arguments as JSON. Struct fields serialize in the order of their declaration, so equal arguments
/// give equal text.
///
/// A new argument is optional and skipped when it is not given (`skip_serializing_if`), so that the
/// requests of before keep their hashes. If that cannot be, [`ArgumentsHash::VERSION`] rises, and
/// the key alone decides about what was recorded under another version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArgumentsHash(Vec<u8>);

impl ArgumentsHash {
    const VERSION: u8 = 1;

    pub(crate) fn of(arguments: &impl Serialize) -> Self {
        let json = serde_json::to_vec(arguments).expect("arguments are plain, with text keys");
        Self([Self::VERSION].into_iter().chain(Sha256::digest(json)).collect())
    }

    /// As a row has it.
    pub(crate) const fn of_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Whether a request with this hash asks for what the recorded one asked for.
    pub(crate) fn repeats(&self, recorded: &Self) -> bool {
        let version = |hash: &Self| hash.0.first().copied();
        version(self) != version(recorded) || self == recorded
    }

    /// Whether it is what was kept of the same arguments, as far as that can be told.
    pub(crate) fn is_kept_as(&self, kept: &Self) -> bool {
        kept.0.first().is_some_and(|version| *version < Self::VERSION) || self == kept
    }

    /// That a shop's reference stands for something else.
    pub(crate) fn reused(reference: &str) -> Error {
        let why = format!("`{reference}` was recorded with other data");
        Error::new(Code::ReferenceReused, why).at("reference")
    }
}

impl Field for ArgumentsHash {
    const KIND: Kind = Kind::Bytes;

    fn write(&self, json: &mut String) {
        self.0.write(json);
    }

    fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
        Vec::<u8>::read(column).map(Self)
    }
}

impl From<Vec<u8>> for ArgumentsHash {
    fn from(stored: Vec<u8>) -> Self {
        Self(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_standard() {
        // The example of FIPS 180-2.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
    }

    #[test]
    fn a_digest_and_a_hash_are_stored_as_bytes_and_read_again() {
        fn stored<F: Field>(field: &F) -> (String, F) {
            let mut json = String::new();
            field.write(&mut json);
            let read = F::read(&mut serde_json::Deserializer::from_str(&json)).unwrap();
            (json, read)
        }
        let hash = ArgumentsHash::of(&"mug");
        assert_eq!(stored(&hash).1, hash);
        let digest = sha256_hex(b"mug");
        let (json, read) = stored(&Sha256Hex(digest.clone()));
        assert_eq!((json, read.0), (format!("\"{digest}\""), digest));
    }

    #[test]
    fn what_another_version_recorded_is_repeated_by_its_key() {
        let (hash, other) = (ArgumentsHash::of(&"mug"), ArgumentsHash::of(&"hat"));
        assert!(hash.repeats(&hash.clone()) && !hash.repeats(&other));
        let mut older = other;
        older.0[0] -= 1;
        assert!(hash.repeats(&older));
    }
}
