//! What is left of the cards of a member who is erased: a digest of each code, so that no other card gets
//! it, and one of each request's key, so that a repeat makes no other card. Nothing says whose they were.

use crate::db::{Writes, row};
use crate::hash::sha256;
use crate::idempotency::IdempotencyKey;
use crate::{Id, ProgramId};

row! {
    pub(super) struct ErasedRow in "erased_cards" {
        pub(super) digest: Vec<u8>,
    }
}

/// Whoever is erased by several at a time has one row for each.
const KEEP: &str = "
    INSERT INTO erased_cards (program_id, digest)
    SELECT $1, r.digest
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, digest) DO NOTHING";

/// Keeps the digests of a card that goes, beside what deletes it.
pub(crate) fn keep_digests(writes: &mut Writes, program: ProgramId, code_hash: Vec<u8>, key: &str) {
    writes.run(KEEP, &ErasedRow { digest: code_hash });
    writes.run(KEEP, &ErasedRow { digest: digest(program, key) });
}

/// What is kept of the key of a request.
pub(super) fn of_key(program: ProgramId, key: &IdempotencyKey) -> Vec<u8> {
    digest(program, &key.key)
}

/// Never a code's: those have no small letters as they are compared.
fn digest(program: ProgramId, key: &str) -> Vec<u8> {
    sha256(&[program.uuid().as_bytes(), b"key ", key.as_bytes()])
}
