//! Why a row was refused.

use super::lines::Place;
use perennial_core::Code;

/// A row, or why it is not one. Reading continues after either.
pub(crate) type Outcome<Row> = Result<Row, RowError>;

/// Why a row was refused, with its place, for the error file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowError {
    pub(crate) place: Place,
    /// As the file calls it: the header's name, the number or the key; empty when it is the row as
    /// a whole.
    pub(crate) column: String,
    pub(crate) code: Code,
    pub(crate) reason: String,
}

impl RowError {
    pub(crate) fn new(place: Place, code: Code, reason: impl Into<String>) -> Self {
        Self { place, column: String::new(), code, reason: reason.into() }
    }

    /// Names the column.
    #[must_use]
    pub(crate) fn about(mut self, column: impl Into<String>) -> Self {
        self.column = column.into();
        self
    }

    /// Names the object that the column is a key of.
    #[must_use]
    pub(super) fn within(mut self, object: &str) -> Self {
        self.column = match self.column.as_str() {
            "" => object.to_owned(),
            column => format!("{object}.{column}"),
        };
        self
    }

    /// For a row that is refused because another one, at `place`, is: what belongs together is
    /// imported whole.
    pub(super) fn beside(&self, place: Place, whole: &str) -> Self {
        let line = self.place.line;
        let reason = format!("{whole} is imported whole, and its row in line {line} was refused");
        Self::new(place, self.code, reason)
    }
}
