//! `mapping.toml`: what the columns of a purchases file mean. Every key has a default, so that a
//! CSV file whose header says `member,reference,date,amount,currency,sku,quantity,category` needs
//! no mapping.

use perennial_core::{Code, Error, Result};
use serde::Deserialize;
use std::path::Path;

/// A parsed and checked mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mapping {
    pub(super) format: Format,
    /// One ASCII character; CSV only.
    pub(super) delimiter: char,
    /// Whether the first line names the columns; not for NDJSON, where every row does.
    pub(super) header: bool,
    /// As in strptime, such as `%Y%m%d`; without it, `2026-11-22` or `2026-11-22T10:00:00Z`.
    pub(super) date_format: Option<String>,
    pub(super) columns: Columns,
    pub(super) reference: Reference,
    /// Whether the import creates members that it does not find.
    pub(super) create_members: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    Ndjson,
    /// Columns separated by any number of spaces or tabs, without quotes.
    Whitespace,
}

/// Where each value comes from; a column that is not named here is looked up by its own name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Columns {
    pub(super) member: Option<Column>,
    pub(super) reference: Option<Column>,
    pub(super) date: Option<Column>,
    pub(super) amount: Option<Column>,
    pub(super) currency: Option<Column>,
    pub(super) quantity: Option<Column>,
    pub(super) sku: Option<Column>,
    pub(super) category: Option<Column>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a column's name, its number from 1, or `{ value = \"…\" }`"
)]
pub(super) enum Column {
    /// A header name, or in NDJSON a key, dotted where objects nest.
    Name(String),
    /// The place in the row, from 1.
    Number(usize),
    /// The same for every row.
    Constant(Constant),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constant {
    pub(super) value: String,
}

/// How a purchase gets its reference when the file has none. `["member", "date", "occurrence"]`
/// makes `member/date/n`, the same on every import of the same file; `n` counts the rows of that
/// member and date in the order of the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Reference {
    pub(super) derive: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    Member,
    Date,
    Occurrence,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            delimiter: ',',
            header: true,
            date_format: None,
            columns: Columns::default(),
            reference: Reference::default(),
            create_members: false,
        }
    }
}

impl Mapping {
    /// Reads a mapping file. Fails with `INVALID_INPUT`, naming the file and the line or key.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let wrong =
            |why: &str| Error::new(Code::InvalidInput, format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
        Self::parse(&text).map_err(|error| wrong(error.message()))
    }

    /// Reads the text of a mapping. Fails with `INVALID_INPUT`, naming the line or key.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mapping: Self =
            toml::from_str(text).map_err(|error| invalid(error.to_string().trim_end()))?;
        mapping.check()?;
        Ok(mapping)
    }

    /// Whether the import creates members that it does not find.
    pub(crate) fn creates_members(&self) -> bool {
        self.create_members
    }

    fn check(&self) -> Result<()> {
        if !self.delimiter.is_ascii() || matches!(self.delimiter, '"' | '\r' | '\n') {
            return Err(invalid("delimiter: use one ASCII character such as `,`, `;` or `\\t`"));
        }
        let derive = &self.reference.derive;
        let count = |part| derive.iter().filter(|one| **one == part).count();
        let parts = [Part::Member, Part::Date, Part::Occurrence];
        if !derive.is_empty() && (parts.into_iter().any(|part| count(part) != 1)) {
            return Err(invalid(
                "reference.derive: use each of \"member\", \"date\" and \"occurrence\" once; fewer \
                 would give two purchases the same reference",
            ));
        }
        if !derive.is_empty() && self.columns.reference.is_some() {
            return Err(invalid(
                "reference.derive: columns.reference already gives the reference; keep one of \
                 the two",
            ));
        }
        Ok(())
    }
}

fn invalid(why: &str) -> Error {
    Error::new(Code::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_with_a_mistake_is_refused_by_line_or_key() {
        for (text, expected) in [
            ("format = \"csv\"\nheadr = true", "line 2"),
            ("format = \"xml\"", "line 1"),
            ("delimiter = \"€\"", "delimiter: use one ASCII"),
            ("[columns]\nmember = 1.5", "a column's name, its number"),
            ("[columns]\nmember = { vale = \"x\" }", "line 2"),
            ("[reference]\nderive = [\"member\", \"date\"]", "reference.derive: use each"),
            (
                "[columns]\nreference = 1\n[reference]\nderive = [\"member\",\"date\",\"occurrence\"]",
                "keep one of the two",
            ),
        ] {
            let error = Mapping::parse(text).unwrap_err();
            assert_eq!(error.code(), Code::InvalidInput);
            assert!(error.message().contains(expected), "{text}: {}", error.message());
        }
        assert_eq!(Mapping::parse("").unwrap().format, Format::Csv);
    }
}
