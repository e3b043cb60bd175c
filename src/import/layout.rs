//! What a row of one kind of file says.

use super::cells::Cells;
use super::lines::Place;
use super::row_error::Outcome;
use perennial_core::Timestamp;

/// A mapping applied to one file.
pub(crate) trait Layout {
    type Row;

    /// The fewest fields that a row can have.
    fn fields_min(&self) -> usize;

    /// What a row belongs to; rows of one key come together. `None` where that cannot be read, and
    /// the row stands alone.
    fn key(&self, place: Place, cells: &Cells<'_>) -> Option<String>;

    /// Whether a key only numbers its rows, each of which stands alone.
    fn is_numbered(&self) -> bool {
        false
    }

    /// When a row happened, where rows come in the order of time.
    fn instant(&self, _place: Place, _cells: &Cells<'_>) -> Option<Timestamp> {
        None
    }

    /// Reads a row. `occurrence` is its number among those of its key, from 1, if that numbers
    /// them.
    fn row(&self, place: Place, cells: &Cells<'_>, occurrence: u32) -> Outcome<Self::Row>;
}
