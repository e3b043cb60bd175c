//! Rows that belong together, and whether they can be imported together.

use super::{
    cells::Digest,
    lines::Place,
    row_error::{Outcome, RowError},
};
use perennial_core::Code;
use std::collections::HashSet;

/// The most rows that belong together; they are in memory at once.
pub(super) const GROUP_ROWS_MAX: usize = 1000;

/// Rows of one key, in the order of the file.
#[derive(Debug)]
pub(crate) struct Group<Row> {
    pub(super) rows: Vec<(Place, Digest, Outcome<Row>)>,
    /// Whether there are more rows than may belong together: this group has only a part of them.
    pub(super) is_too_large: bool,
    /// Whether an earlier group had the beginning.
    pub(crate) is_rest: bool,
}

/// Rows of one key that can all be read.
#[derive(Debug)]
pub(crate) struct Whole<Row> {
    /// Those that differ, at least one.
    pub(super) rows: Vec<Row>,
    /// Of all rows, those too that say what an earlier one says.
    pub(super) places: Vec<Place>,
    noun: &'static str,
}

impl<Row> Group<Row> {
    /// How many rows there are, good and bad.
    pub(crate) fn row_count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The rows, each once. Fails with an error for each if there are too many or one of them is
    /// wrong. `noun` is what they make, such as `an order`.
    pub(super) fn whole(self, noun: &'static str) -> Result<Whole<Row>, Vec<RowError>> {
        let places: Vec<_> = self.rows.iter().map(|(place, ..)| *place).collect();
        if self.is_too_large {
            let why = format!("{noun} has at most {GROUP_ROWS_MAX} rows");
            let refused = |place| RowError::new(place, Code::TooMany, why.as_str());
            return Err(places.into_iter().map(refused).collect());
        }
        let wrong = self.rows.iter().find_map(|(.., outcome)| outcome.as_ref().err().cloned());
        if let Some(wrong) = wrong {
            let refused = |(place, _, outcome): (Place, Digest, Outcome<Row>)| {
                outcome.err().unwrap_or_else(|| wrong.beside(place, noun))
            };
            return Err(self.rows.into_iter().map(refused).collect());
        }
        let mut seen = HashSet::new();
        let rows = self.rows.into_iter().filter(|(_, digest, _)| seen.insert(*digest));
        Ok(Whole { rows: rows.filter_map(|(.., outcome)| outcome.ok()).collect(), places, noun })
    }
}

impl<Row> Whole<Row> {
    /// An error for each row: one is wrong, the others are refused with it.
    pub(super) fn refused_for(&self, error: &RowError) -> Vec<RowError> {
        let others = self.places.iter().filter(|place| **place != error.place);
        let mut errors: Vec<_> =
            others.map(|place| error.beside(*place, self.noun)).chain([error.clone()]).collect();
        errors.sort_by_key(|error| error.place);
        errors
    }

    /// For a row that no longer says what it belongs to.
    pub(super) fn changed(place: Place) -> RowError {
        let why = "the file was changed while it was imported: import it again";
        RowError::new(place, Code::InvalidInput, why)
    }

    /// The same error for each row.
    pub(super) fn refused_all(&self, code: Code, reason: &str, column: &str) -> Vec<RowError> {
        let refused = |place: &Place| RowError::new(*place, code, reason).about(column);
        self.places.iter().map(refused).collect()
    }
}
