//! Counts what becomes of rows, and keeps those that are refused.

use super::summary::{Counts, Summary};
use crate::import::{ErrorFile, Groups, Layout, RowError};
use perennial_core::{Code, Error};

/// Whether an error is not about the row: the import stops, and running it again completes it.
pub(super) fn is_not_the_rows(error: &Error) -> bool {
    matches!(error.code(), Code::Unavailable | Code::DatabaseUnusable | Code::Internal)
}

/// The counts and errors of an import in progress.
#[derive(Debug)]
pub(super) struct Tally {
    rows: Counts,
    /// Purchases, members or balances.
    wholes: Counts,
    errors: ErrorFile,
}

impl Tally {
    pub(super) fn new(errors: ErrorFile) -> Self {
        Self { rows: Counts::default(), wholes: Counts::default(), errors }
    }

    /// Rows that the platform took as one; of them, `repeated` say what the others say.
    pub(super) fn take(&mut self, rows: u64, repeated: u64, is_new: bool) {
        if is_new {
            self.wholes.recorded += 1;
            self.rows.recorded += rows - repeated;
            self.rows.repeated += repeated;
        } else {
            self.wholes.repeated += 1;
            self.rows.repeated += rows;
        }
    }

    /// Rows that were refused as one; `is_rest` if the first of them were counted before.
    pub(super) fn refuse<L: Layout>(
        &mut self,
        groups: &mut Groups<L>,
        errors: &[RowError],
        is_rest: bool,
    ) -> perennial_core::Result<()> {
        self.wholes.refused += u64::from(!is_rest);
        self.rows.refused += errors.len() as u64;
        errors.iter().try_for_each(|error| groups.refuse(error, &mut self.errors))
    }

    /// Logs that a batch is in the database: what was counted so far survives a crash.
    pub(super) fn log(&self) {
        let Counts { recorded, repeated, refused } = self.wholes;
        tracing::debug!(done = recorded + repeated + refused, "a batch is in the database");
    }

    /// The summary, for the file whose refused rows are complete now; and what the rows make.
    pub(super) fn finish(self) -> perennial_core::Result<(Summary, Counts)> {
        let Self { rows, wholes, errors } = self;
        let summary = Summary {
            rows: rows.recorded + rows.repeated + rows.refused,
            of_rows: rows,
            error_file: errors.finish()?,
            ..Summary::default()
        };
        Ok((summary, wholes))
    }
}
