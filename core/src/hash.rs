//! Digests.

use crate::db::{Field, Kind};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

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

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// SHA-256 of arguments: it tells a repeated request from another one under the same key. Struct
/// fields serialize in the order of their declaration, so equal arguments give equal text.
pub(crate) fn arguments_hash(arguments: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(arguments).expect("arguments are plain values with text keys");
    Sha256::digest(json).to_vec()
}
