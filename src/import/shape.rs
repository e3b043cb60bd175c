//! What every mapping says: how a file is cut into values, and where a value is.

use super::encoding::Named;
use perennial_core::{Code, Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The most bytes of a row. What is longer is most likely another kind of file.
const ROW_BYTES_MAX: usize = 64 * 1024;
/// Of an NDJSON object, which may hold all lines of a large order.
const OBJECT_BYTES_MAX: usize = 1024 * 1024;

/// How a file is cut into rows and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(super) format: Format,
    pub(super) delimiter: u8,
    pub(super) has_header: bool,
    pub(super) encoding: Named,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    #[default]
    Csv,
    Ndjson,
    /// Columns separated by any number of spaces or tabs, without quotes.
    Whitespace,
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

/// A mapping file: what the columns of a file mean. Every key has a default.
pub(crate) trait Mapping: DeserializeOwned + Default {
    fn shape(&self) -> Result<Shape>;

    /// Fails with `INVALID_INPUT`, naming the key, when what is there does not fit together.
    fn check(&self) -> Result<()>;

    /// The mapping of a file, or what goes without one. Fails as [`Mapping::load`] does.
    fn load_or_default(path: Option<&Path>) -> Result<Self> {
        path.map_or_else(|| Ok(Self::default()), Self::load)
    }

    /// Reads a mapping file. Fails with `INVALID_INPUT`, naming the file and the line or key.
    fn load(path: &Path) -> Result<Self> {
        let wrong = |why: &str| invalid(&format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
        Self::parse(&text).map_err(|error| wrong(error.message()))
    }

    /// Reads the text of a mapping. Fails with `INVALID_INPUT`, naming the line or key.
    fn parse(text: &str) -> Result<Self> {
        let mapping: Self =
            toml::from_str(text).map_err(|error| invalid(error.to_string().trim_end()))?;
        mapping.shape()?;
        mapping.check()?;
        Ok(mapping)
    }
}

impl Shape {
    pub(super) fn new(
        format: Format,
        delimiter: char,
        header: bool,
        encoding: Named,
    ) -> Result<Self> {
        let delimiter = u8::try_from(delimiter)
            .ok()
            .filter(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n'));
        let delimiter = delimiter.ok_or_else(|| {
            invalid("delimiter: use one ASCII character such as `,`, `;` or `\\t`")
        })?;
        // In NDJSON every row names its values.
        Ok(Self { format, delimiter, has_header: header && format != Format::Ndjson, encoding })
    }

    /// The most bytes of a row.
    pub(super) fn row_bytes_max(self) -> usize {
        match self.format {
            Format::Csv | Format::Whitespace => ROW_BYTES_MAX,
            Format::Ndjson => OBJECT_BYTES_MAX,
        }
    }
}

pub(super) fn invalid(why: &str) -> Error {
    Error::new(Code::InvalidInput, why)
}
