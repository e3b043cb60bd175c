//! What an import did: the rows of the file, and the purchases, members or balances that they make.

use crate::output;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit code when some rows were refused and the others imported. 2 is that of a wrong command
/// line.
const PARTLY: u8 = 3;

/// Each row is counted once: recorded, repeated or refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// Rows read.
    pub(super) rows: u64,
    #[serde(flatten)]
    pub(super) of_rows: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purchases: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) members: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) balances: Option<Counts>,
    /// Members that were created for their purchases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) members_created: Option<u64>,
    /// Where the refused rows are, with line, column, code and reason.
    pub(super) error_file: Option<PathBuf>,
}

/// Of rows, purchases, members or balances, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    pub(super) recorded: u64,
    /// What an earlier import, or an earlier row of the file, recorded.
    pub(super) repeated: u64,
    pub(super) refused: u64,
}

impl Summary {
    /// Says what was done, and returns the exit code: success if no row was refused, failure if
    /// every row was.
    pub(crate) fn report(&self, as_json: bool, what: &str) -> ExitCode {
        output::result(as_json, self, || format!("{what}{self}"));
        if let Some(path) = &self.error_file {
            output::note(format!(
                "the refused rows are in {}: correct them there and import that file",
                path.display()
            ));
        }
        match self.of_rows.refused {
            0 => ExitCode::SUCCESS,
            refused if refused == self.rows => {
                output::note("error: every row was refused");
                ExitCode::FAILURE
            }
            _ => ExitCode::from(PARTLY),
        }
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows: {}", self.rows, self.of_rows)?;
        for (noun, counts) in [
            ("purchases", &self.purchases),
            ("members", &self.members),
            ("balances", &self.balances),
        ] {
            if let Some(counts) = counts {
                write!(f, "\n{noun}: {counts}")?;
            }
        }
        match self.members_created {
            Some(created) if created > 0 => write!(f, "\n{created} members created"),
            _ => Ok(()),
        }
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { recorded, repeated, refused } = self;
        write!(f, "{recorded} recorded, {repeated} already recorded, {refused} refused")
    }
}
