//! Gives the rows of a file in the order of the file.

use super::{
    Row, RowError,
    layout::Layout,
    lines::{Line, Lines, Position, ROW_BYTES_MAX},
    mapping::{Format, Mapping},
    source::Cells,
    split::{CsvRow, Fields, Progress},
};
use perennial_core::{Code, Error, Result};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

/// A row, or why it is not one. Reading continues after either.
pub(crate) type Outcome = Result<Row, RowError>;

/// Reads purchases one by one. An error of the iterator itself means that the file can be read no
/// further.
#[derive(Debug)]
pub(crate) struct Reader {
    path: PathBuf,
    size: u64,
    lines: Lines,
    format: Format,
    delimiter: u8,
    layout: Layout,
    /// How many fields a row has: as many as the header, or as the first row that has all that are
    /// asked for.
    width: Option<usize>,
    occurrences: Occurrences,
    raw: Vec<u8>,
    fields: Fields,
}

/// Where a row is and what is needed to read it again there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) position: Position,
    pub(super) occurrence: u32,
}

impl Reader {
    /// Opens a file and finds its columns. Fails with `INVALID_INPUT`, naming the file or the
    /// column.
    pub(crate) fn open(path: &Path, mapping: &Mapping) -> Result<Self> {
        let size = std::fs::metadata(path).map_err(|error| unreadable(path, error))?.len();
        let mut lines = Lines::open(path).map_err(|error| unreadable(path, error))?;
        // The mapping's check lets only ASCII pass.
        let delimiter = u8::try_from(mapping.delimiter).unwrap_or(b',');
        let header = if mapping.header && mapping.format != Format::Ndjson {
            Some(header(path, &mut lines, mapping.format, delimiter)?)
        } else {
            None
        };
        Ok(Self {
            path: path.to_owned(),
            size,
            lines,
            format: mapping.format,
            delimiter,
            layout: Layout::new(mapping, header.as_deref())?,
            width: header.map(|names| names.len()),
            occurrences: Occurrences::default(),
            raw: Vec::new(),
            fields: Fields::default(),
        })
    }

    /// The bytes of the file.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.lines.position().offset
    }

    /// The next row with its place.
    pub(super) fn next_placed(&mut self) -> Result<Option<(Place, Outcome)>> {
        let Some((position, framed)) =
            self.frame().map_err(|error| unreadable(&self.path, error))?
        else {
            return Ok(None);
        };
        let mut occurrence = 0;
        let outcome = framed.and_then(|()| {
            let cells = cells(self.format, position.line, &self.raw, &self.fields)?;
            self.layout.row(position.line, &cells, &mut |key| {
                occurrence = self.occurrences.next(key);
                occurrence
            })
        });
        Ok(Some((Place { position, occurrence }, outcome)))
    }

    /// Reads a row again.
    pub(super) fn read_at(&mut self, place: Place) -> Result<Option<Outcome>> {
        let framed = self.lines.seek(place.position).and_then(|()| self.frame());
        let framed = framed.map_err(|error| unreadable(&self.path, error))?;
        Ok(framed.map(|(position, framed)| {
            framed.and_then(|()| {
                let cells = cells(self.format, position.line, &self.raw, &self.fields)?;
                self.layout.row(position.line, &cells, &mut |_| place.occurrence)
            })
        }))
    }

    /// Finds the next row that is not blank and cuts it into fields.
    fn frame(&mut self) -> io::Result<Option<(Position, Result<(), RowError>)>> {
        loop {
            let position = self.lines.position();
            self.raw.clear();
            let framed = match self.lines.read(&mut self.raw)? {
                Line::End => return Ok(None),
                Line::Whole if self.raw.trim_ascii().is_empty() => continue,
                Line::Whole => self.cut(position.line)?,
                Line::TooLong => Err(too_long(position.line)),
            };
            let checked = framed.and_then(|()| self.check_width(position.line));
            return Ok(Some((position, checked)));
        }
    }

    fn cut(&mut self, line: u64) -> io::Result<Result<(), RowError>> {
        self.fields.clear();
        match self.format {
            Format::Ndjson => Ok(Ok(())),
            Format::Whitespace => {
                self.fields.split_whitespace(&self.raw);
                Ok(Ok(()))
            }
            Format::Csv => {
                cut_csv(&mut self.lines, self.delimiter, line, &mut self.raw, &mut self.fields)
            }
        }
    }

    fn check_width(&mut self, line: u64) -> Result<(), RowError> {
        if self.format == Format::Ndjson {
            return Ok(());
        }
        let (found, needed) = (self.fields.len(), self.layout.fields_min());
        let expected = match self.width {
            Some(width) => width,
            None if found >= needed => *self.width.insert(found),
            None => needed,
        };
        if found == expected {
            return Ok(());
        }
        let reason = format!("the row has {found} columns, {expected} are expected");
        Err(RowError::new(line, Code::InvalidInput, reason)
            .about("", String::from_utf8_lossy(&self.raw).trim_end()))
    }
}

impl Iterator for Reader {
    type Item = Result<Outcome>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_placed().map(|next| next.map(|(_, outcome)| outcome)).transpose()
    }
}

/// Cuts a row of CSV, reading on while a quoted field is open. A row whose quotes are wrong ends
/// with its first line: the lines after it may be rows again.
fn cut_csv(
    lines: &mut Lines,
    delimiter: u8,
    line: u64,
    raw: &mut Vec<u8>,
    fields: &mut Fields,
) -> io::Result<Result<(), RowError>> {
    let second = lines.position();
    let mut row = CsvRow::new(delimiter);
    let mut start = 0;
    let reason = loop {
        match row.line(&raw[start..], fields) {
            Progress::Complete => return Ok(Ok(())),
            Progress::Broken => break "text follows a closing quote",
            Progress::Open => {}
        }
        start = raw.len();
        if lines.read(raw)? != Line::Whole {
            break "a quote is opened and not closed";
        }
    };
    lines.seek(second)?;
    let first = raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let value = String::from_utf8_lossy(first);
    Ok(Err(RowError::new(line, Code::InvalidInput, reason).about("", value.trim_end())))
}

fn cells<'a>(
    format: Format,
    line: u64,
    raw: &'a [u8],
    fields: &'a Fields,
) -> Result<Cells<'a>, RowError> {
    if format != Format::Ndjson {
        return Ok(Cells::Fields(fields));
    }
    serde_json::from_slice(raw).map(Cells::Object).map_err(|error| {
        let reason = format!("the row is not a JSON object: {error}");
        RowError::new(line, Code::InvalidInput, reason)
            .about("", String::from_utf8_lossy(raw).trim_end())
    })
}

fn header(path: &Path, lines: &mut Lines, format: Format, delimiter: u8) -> Result<Vec<String>> {
    let wrong =
        |why: &str| Error::new(Code::InvalidInput, format!("{}: the header {why}", path.display()));
    let (mut raw, mut fields) = (Vec::new(), Fields::default());
    let line = lines.position().line;
    match lines.read(&mut raw).map_err(|error| unreadable(path, error))? {
        Line::End => return Err(wrong("is missing: the file is empty")),
        Line::TooLong => return Err(wrong(&too_long(line).reason)),
        Line::Whole if format == Format::Whitespace => fields.split_whitespace(&raw),
        Line::Whole => cut_csv(lines, delimiter, line, &mut raw, &mut fields)
            .map_err(|error| unreadable(path, error))?
            .map_err(|error| wrong(&format!("cannot be read: {}", error.reason)))?,
    }
    let name = |index| std::str::from_utf8(fields.get(index).unwrap_or_default());
    (0..fields.len())
        .map(|index| name(index).map(|name| name.trim().to_owned()))
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("is not UTF-8"))
}

fn too_long(line: u64) -> RowError {
    let reason = format!("the row is longer than {ROW_BYTES_MAX} bytes");
    RowError::new(line, Code::InvalidInput, reason)
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::new(Code::InvalidInput, format!("{}: {error}", path.display())).caused_by(error)
}

/// Numbers rows by key. A hash stands for the key to keep memory small: should two keys share one,
/// they share its numbers, which still differ. The hash is the same on every machine, so that an
/// import repeated elsewhere derives the same.
#[derive(Debug, Default)]
struct Occurrences(HashMap<[u8; 8], u32>);

impl Occurrences {
    fn next(&mut self, key: &str) -> u32 {
        let digest = Sha256::digest(key.as_bytes());
        let mut short = [0; 8];
        short.copy_from_slice(&digest[..8]);
        let count = self.0.entry(short).or_default();
        *count += 1;
        *count
    }
}
