//! The opening balance that the rows of one reference make: one row, and others that say the same.

use super::layout::BalanceLayout;
use crate::import::group::{Group, Whole};
use crate::import::row_error::RowError;
use perennial_core::ledger::NewOpening;
use perennial_core::{Code, Error};

/// A row, with those that repeat it.
#[derive(Debug)]
pub(crate) struct Balance(Whole<NewOpening>);

impl Balance {
    /// Fails with an error for each row if they are not all the same.
    pub(crate) fn of(
        group: Group<NewOpening>,
        layout: &BalanceLayout,
    ) -> Result<Self, Vec<RowError>> {
        let balance = Self(group.whole("an opening balance")?);
        if balance.0.rows.len() == 1 {
            return Ok(balance);
        }
        let reference = &balance.opening().reference;
        let why = format!(
            "the reference `{reference}` is that of another row, which says something else: each \
             opening balance needs one of its own"
        );
        Err(balance.0.refused_all(Code::ReferenceReused, &why, layout.label("reference")))
    }

    /// How many rows say it.
    pub(crate) fn row_count(&self) -> u64 {
        self.0.places.len() as u64
    }

    /// How many of them repeat another.
    pub(crate) fn repeated_count(&self) -> u64 {
        self.row_count() - self.0.rows.len() as u64
    }

    pub(crate) fn opening(&self) -> &NewOpening {
        self.0.rows.first().expect("a group has a row, and one that is whole a good one")
    }

    /// What the platform refused, as an error for each row.
    pub(crate) fn refused(&self, error: &Error, layout: &BalanceLayout) -> Vec<RowError> {
        let column = layout.label(error.field().unwrap_or_default());
        self.0.refused_all(error.code(), error.message(), column)
    }
}
