//! A block and its hash. Pure.

use super::encoding::Encoder;
use crate::signing::Signature;
use crate::{ProgramId, Timestamp};

pub(crate) const HASH_BYTES: usize = 32;
pub(crate) const DIGEST_BYTES: usize = 32;
/// What the first seal of a program follows.
pub(crate) const FIRST_PREVIOUS: [u8; HASH_BYTES] = [0; HASH_BYTES];

/// Begins what is signed, so that no signature of a token can be taken for one of a seal.
const SIGNED: &[u8] = b"perennial seal 1\n";

/// What a seal says.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    pub(crate) program: ProgramId,
    pub(crate) number: i64,
    pub(crate) first_position: i64,
    pub(crate) last_position: i64,
    pub(crate) sealed_at: Timestamp,
    pub(crate) previous_hash: &'a [u8],
    /// One after the other.
    pub(crate) digests: &'a [u8],
}

impl Block<'_> {
    pub(crate) fn hash(&self) -> [u8; HASH_BYTES] {
        Encoder::new("seal 1")
            .id(self.program)
            .number(self.number)
            .number(self.first_position)
            .number(self.last_position)
            .instant(self.sealed_at)
            .bytes(self.previous_hash)
            .bytes(self.digests)
            .finish()
    }
}

/// What is signed of a seal.
pub(crate) fn message(hash: &[u8]) -> Vec<u8> {
    [SIGNED, hash].concat()
}

/// A signature in two columns.
pub(super) fn columns(signature: Option<Signature>) -> (Option<String>, Option<Vec<u8>>) {
    signature.map(|signature| (signature.signed_by, signature.bytes)).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;
    use uuid::Uuid;

    fn block<'a>(previous: &'a [u8], digests: &'a [u8]) -> Block<'a> {
        Block {
            program: ProgramId::from_uuid(Uuid::from_u128(1)),
            number: 2,
            first_position: 11,
            last_position: 12,
            sealed_at: Timestamp::EPOCH,
            previous_hash: previous,
            digests,
        }
    }

    #[test]
    fn a_hash_is_of_all_that_a_seal_says_and_stays_what_it_is() {
        let digests = [7; 2 * DIGEST_BYTES];
        let hash = block(&FIRST_PREVIOUS, &digests).hash();
        // What was sealed once has to be verified by every later version.
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&hash), @"68e69890eda56f00bcc51a5f9fe3c4dd05996a9196620b3259f3e1ebe00c9610");
        let other = [
            block(&[1; HASH_BYTES], &digests),
            block(&FIRST_PREVIOUS, &digests[1..]),
            Block { number: 3, ..block(&FIRST_PREVIOUS, &digests) },
            Block { first_position: 10, ..block(&FIRST_PREVIOUS, &digests) },
            Block { last_position: 13, ..block(&FIRST_PREVIOUS, &digests) },
            Block { program: ProgramId::ALL, ..block(&FIRST_PREVIOUS, &digests) },
            Block { sealed_at: Timestamp::LAST, ..block(&FIRST_PREVIOUS, &digests) },
        ];
        for other in other {
            assert_ne!(other.hash(), hash, "{other:?}");
        }
    }
}
