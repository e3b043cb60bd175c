//! The first line of a file, where it names the columns.

use super::lines::{Line, Lines};
use super::shape::{Format, Shape, invalid};
use super::split::{CsvRow, Fields, Progress};
use perennial_core::Result;
use std::io;
use std::path::Path;

/// What an error file has after the file's own columns.
pub(super) const ERROR_COLUMNS: [&str; 4] =
    ["error_line", "error_column", "error_code", "error_reason"];

/// The names of a file's own columns.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    /// Whether those of an error file follow them.
    pub(super) has_error_columns: bool,
}

impl Header {
    /// Fails with `INVALID_INPUT`, naming the file.
    pub(super) fn read(path: &Path, lines: &mut Lines, shape: Shape) -> Result<Self> {
        let wrong = |why: &str| invalid(&format!("{}: the header {why}", path.display()));
        let fields = cut(lines, shape)
            .map_err(|error| wrong(&error.to_string()))?
            .map_err(|why| wrong(&why))?;
        let names: Result<Vec<_>, _> = fields.iter().map(std::str::from_utf8).collect();
        let names = names.map_err(|_| {
            wrong("is not UTF-8; if the file has another encoding, name it in the mapping")
        })?;
        let (own, added) = names.split_at(names.len().saturating_sub(ERROR_COLUMNS.len()));
        let has_error_columns = added == ERROR_COLUMNS;
        let own = if has_error_columns { own } else { &names[..] };
        let names = own.iter().map(|name| name.trim().to_owned()).collect();
        Ok(Self { names, has_error_columns })
    }
}

fn cut(lines: &mut Lines, shape: Shape) -> io::Result<Result<Fields, String>> {
    let (mut raw, mut fields) = (Vec::new(), Fields::default());
    let mut row = CsvRow::new(shape.delimiter);
    loop {
        let start = raw.len();
        match lines.read(&mut raw)? {
            Line::End if start == 0 => return Ok(Err("is missing: the file is empty".to_owned())),
            Line::End => return Ok(Err("opens a quote and does not close it".to_owned())),
            Line::TooLong => {
                let why = format!("is longer than {} bytes", lines.row_bytes_max());
                return Ok(Err(why));
            }
            Line::Whole if shape.format == Format::Whitespace => {
                fields.split_whitespace(&raw);
                return Ok(Ok(fields));
            }
            Line::Whole => {}
        }
        match row.line(&raw[start..], &mut fields) {
            Progress::Complete => return Ok(Ok(fields)),
            Progress::Broken => return Ok(Err("has text after a closing quote".to_owned())),
            Progress::Open => {}
        }
    }
}
