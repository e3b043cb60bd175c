//! Digests.

use serde::Serialize;
use sha2::{Digest, Sha256};

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
