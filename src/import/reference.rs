//! What a row is called where a file calls it nothing.

use super::shape::{Column, invalid};
use super::when::When;
use perennial_core::Result;
use serde::Deserialize;

/// How a row gets its reference when the file has none. `["member", "date", "occurrence"]` makes
/// `member/date/n`, the same on every import of the same file; `n` counts the rows of that member
/// and date in the order of the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Reference {
    derive: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Member,
    Date,
    Occurrence,
}

impl Reference {
    pub(super) fn is_derived(&self) -> bool {
        !self.derive.is_empty()
    }

    /// Fails with `INVALID_INPUT` if two rows could get the same, or one has two. `column` is where
    /// the file has them.
    pub(super) fn check(&self, column: Option<&Column>) -> Result<()> {
        let count = |part| self.derive.iter().filter(|one| **one == part).count();
        let parts = [Part::Member, Part::Date, Part::Occurrence];
        if self.is_derived() && (parts.into_iter().any(|part| count(part) != 1)) {
            return Err(invalid(
                "reference.derive: use each of \"member\", \"date\" and \"occurrence\" once; fewer \
                 would give two rows the same reference",
            ));
        }
        if self.is_derived() && column.is_some() {
            return Err(invalid(
                "reference.derive: columns.reference already gives the reference; keep one of \
                 the two",
            ));
        }
        Ok(())
    }

    /// What numbers rows: those of a member and date. The line end cannot be part of a date, so no
    /// two pairs give the same text.
    pub(super) fn numbered_by(member: &str, when: When) -> String {
        format!("{when}\n{member}")
    }

    /// The reference of a row, by its number among those of its member and date.
    pub(super) fn derived(&self, member: &str, when: When, occurrence: u32) -> String {
        let part = |part: &Part| match part {
            Part::Member => member.to_owned(),
            Part::Date => when.to_string(),
            Part::Occurrence => occurrence.to_string(),
        };
        self.derive.iter().map(part).collect::<Vec<_>>().join("/")
    }
}
