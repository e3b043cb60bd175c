//! Gives the rows of a file in the order of time, for a program whose test clock follows the
//! import. A first reading keeps only where each row is and when it happened – 32 bytes a row – and
//! a second one reads the rows at their places.

use super::{Mapping, Outcome, Reader, RowError, lines::Position, reader::Place};
use jiff::tz::TimeZone;
use perennial_core::Result;
use std::path::Path;

/// Reads purchases from the earliest to the latest; those of one instant in the order of the file.
/// Rows that are not purchases come before all others.
#[derive(Debug)]
pub(crate) struct InOrder {
    reader: Reader,
    rows: std::vec::IntoIter<Key>,
    row_count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Microseconds since the epoch. The offset after it breaks ties, as no two rows share one.
    at: i64,
    offset: u64,
    line: u64,
    occurrence: u32,
}

impl InOrder {
    /// Reads the whole file once. `zone` is the program's, which dates and local times are meant
    /// in.
    pub(crate) fn open(path: &Path, mapping: &Mapping, zone: &TimeZone) -> Result<Self> {
        let mut reader = Reader::open(path, mapping)?;
        let mut rows = Vec::new();
        while let Some((place, outcome)) = reader.next_placed()? {
            let instant = outcome.ok().and_then(|row| row.when.instant(zone).ok());
            rows.push(Key {
                at: instant.map_or(i64::MIN, perennial_core::Timestamp::microseconds),
                offset: place.position.offset,
                line: place.position.line,
                occurrence: place.occurrence,
            });
        }
        rows.sort_unstable();
        Ok(Self { reader, row_count: rows.len(), rows: rows.into_iter() })
    }

    /// How many rows there are, good and bad.
    pub(crate) fn row_count(&self) -> usize {
        self.row_count
    }
}

impl Iterator for InOrder {
    type Item = Result<Outcome>;

    fn next(&mut self) -> Option<Self::Item> {
        let Key { offset, line, occurrence, .. } = self.rows.next()?;
        let place = Place { position: Position { offset, line }, occurrence };
        let outcome = self.reader.read_at(place).transpose();
        Some(outcome.unwrap_or_else(|| Ok(Err(vanished(line)))))
    }
}

fn vanished(line: u64) -> RowError {
    let reason = "the row is gone: the file became shorter while it was read";
    RowError::new(line, perennial_core::Code::InvalidInput, reason)
}
