//! The one form in which rows are hashed: every value with its length, so that no two lists of
//! values have the same bytes, and none of it depends on the database or on JSON.
//!
//! - a whole number: 8 bytes, the highest first; an instant is its microseconds
//! - an id: its 16 bytes
//! - text: UTF-8; bytes: as they are
//! - null: a length of 2^32 - 1 without bytes
//! - a payload, which is what one day may have to be erased: the SHA-256 of its text as it is
//!   stored, so that the digest can stand for it
//!
//! Before each value stand four bytes of its length, before each list how many rows it has.

use crate::{Id, Points, Timestamp};
use sha2::{Digest, Sha256};

/// A hash that is being made of values.
pub(super) struct Encoder(Sha256);

const NULL: u32 = u32::MAX;

impl Encoder {
    /// Begins with what it is the hash of, and in which version of the form.
    pub(super) fn new(what: &str) -> Self {
        Self(Sha256::new()).text(what)
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        // What the database holds is never that long.
        let length = u32::try_from(bytes.len()).unwrap_or(NULL - 1);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub(super) fn id(self, id: impl Id) -> Self {
        self.bytes(id.uuid().as_bytes())
    }

    pub(super) fn number(self, number: i64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(super) fn points(self, points: Points) -> Self {
        self.number(points.get())
    }

    pub(super) fn instant(self, instant: Timestamp) -> Self {
        self.number(instant.microseconds())
    }

    pub(super) fn payload(self, text: &str) -> Self {
        self.bytes(&Sha256::digest(text))
    }

    pub(super) fn optional<V>(
        mut self,
        value: Option<V>,
        add: impl FnOnce(Self, V) -> Self,
    ) -> Self {
        match value {
            Some(value) => add(self, value),
            None => {
                self.0.update(NULL.to_be_bytes());
                self
            }
        }
    }

    /// Rows, in the order in which they are given.
    pub(super) fn list<R>(self, rows: &[R], add: impl Fn(Self, &R) -> Self) -> Self {
        let many = self.number(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        rows.iter().fold(many, add)
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_of_values_have_the_same_bytes() {
        let texts = |texts: &[&str]| {
            texts.iter().fold(Encoder::new("t"), |encoder, text| encoder.text(text)).finish()
        };
        assert_ne!(texts(&["ab", "c"]), texts(&["a", "bc"]));
        assert_ne!(texts(&["", ""]), texts(&[""]));
        let null = Encoder::new("t").optional(None::<i64>, Encoder::number).finish();
        assert_ne!(null, texts(&[""]));
        let listed = |rows: &[i64]| {
            Encoder::new("t").list(rows, |encoder, row| encoder.number(*row)).number(7).finish()
        };
        assert_ne!(listed(&[7]), listed(&[]));
    }
}
