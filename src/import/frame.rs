//! A row that was found in a file, whole or not.

use super::{
    cells::{Cells, Object},
    header::ERROR_COLUMNS,
    lines::Place,
    row_error::RowError,
    shape::Format,
    split::Fields,
};
use perennial_core::Code;

/// A row at its place.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) place: Place,
    pub(super) format: Format,
    /// The row's own text, as far as it was read.
    pub(super) raw: &'a [u8],
    /// Its own fields; in NDJSON there are none.
    pub(super) fields: &'a Fields,
    pub(super) flaw: Option<Flaw>,
}

/// What is wrong with a row before its values are looked at.
#[derive(Debug)]
pub(super) enum Flaw {
    /// It cannot be cut.
    Broken(RowError),
    /// It has too few fields or too many.
    Width(RowError),
}

impl<'a> Frame<'a> {
    /// The row's values, or why it has none.
    pub(super) fn cells(&self) -> Result<Cells<'a>, RowError> {
        match &self.flaw {
            Some(Flaw::Broken(error) | Flaw::Width(error)) => Err(error.clone()),
            None => self.cut_cells(),
        }
    }

    /// The row's values even if there are too few or too many, to see what it belongs to.
    pub(super) fn likely_cells(&self) -> Option<Cells<'a>> {
        match &self.flaw {
            Some(Flaw::Broken(_)) => None,
            _ => self.cut_cells().ok(),
        }
    }

    fn cut_cells(&self) -> Result<Cells<'a>, RowError> {
        if self.format != Format::Ndjson {
            return Ok(Cells::Fields(self.fields));
        }
        self.object().map(Cells::Object).map_err(|error| {
            let reason = format!("the row is not a JSON object: {error}");
            RowError::new(self.place, Code::InvalidInput, reason)
        })
    }

    /// The row's own keys and values.
    pub(super) fn object(&self) -> serde_json::Result<Object<'a>> {
        let mut object: Object<'a> = serde_json::from_slice(self.raw)?;
        object.retain(|key, _| !ERROR_COLUMNS.contains(&key.as_str()));
        Ok(object)
    }

    /// Whether the row could be cut into fields.
    pub(super) fn is_cut(&self) -> bool {
        !matches!(self.flaw, Some(Flaw::Broken(_)))
    }
}
