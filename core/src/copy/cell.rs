//! A value on its way between two databases, and the sum by which rows are compared.

use sha2::{Digest, Sha256};

/// What a column holds in both databases: SQLite's classes of storage, for PostgreSQL has a form of
/// each of its types among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Integer,
    Real,
    Text,
    Bytes,
}

/// A value of a class.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// How many rows there are, and what they are, in whatever order: the two databases sort text
/// differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) rows: u64,
    digest: u128,
}

impl Cell {
    /// Zero has one form: SQLite does not keep its sign.
    pub(super) fn real(value: f64) -> Self {
        Self::Real(value + 0.0)
    }

    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        let held = match self {
            Self::Null | Self::Integer(_) | Self::Real(_) => 0,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        };
        size_of::<Self>() + held
    }

    /// No two values have the same form, wherever a row ends.
    fn digest(&self, hash: &mut Sha256) {
        let (tag, bytes): (u8, &[u8]) = match self {
            Self::Null => (0, &[]),
            Self::Integer(value) => (1, &value.to_be_bytes()),
            Self::Real(value) => (2, &value.to_bits().to_be_bytes()),
            Self::Text(text) => (3, text.as_bytes()),
            Self::Bytes(bytes) => (4, bytes),
        };
        hash.update([tag]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
}

impl Sum {
    pub(super) fn add(&mut self, row: &[Cell]) {
        let mut hash = Sha256::new();
        for cell in row {
            cell.digest(&mut hash);
        }
        let hash: [u8; 32] = hash.finalize().into();
        let half = hash.first_chunk().copied().map_or(0, u128::from_be_bytes);
        self.digest = self.digest.wrapping_add(half);
        self.rows += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[&[Cell]]) -> Sum {
        let mut sum = Sum::default();
        for row in rows {
            sum.add(row);
        }
        sum
    }

    #[test]
    fn a_sum_tells_rows_apart_and_not_their_order() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let (ab, ba): (&[Cell], &[Cell]) = (&[text("a"), text("b")], &[text("b"), text("a")]);
        assert_eq!(sum(&[ab, ba]), sum(&[ba, ab]));
        let others: [&[Cell]; 6] = [
            ba,
            &[text("ab"), text("")],
            &[text("a"), Cell::Bytes(b"b".to_vec())],
            &[text("a"), Cell::Null],
            &[text("a"), text("b"), Cell::Null],
            &[text("a"), Cell::Integer(98)],
        ];
        for other in others {
            assert_ne!(sum(&[ab]), sum(&[other]), "{other:?}");
        }
        assert_ne!(sum(&[ab]), sum(&[ab, ab]));
        assert_eq!(sum(&[&[Cell::real(-0.0)]]), sum(&[&[Cell::real(0.0)]]));
    }
}
