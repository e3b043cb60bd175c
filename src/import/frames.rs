//! The rows of a file, cut into values but not yet understood.

use super::{
    encoding::Utf8File,
    frame::{Flaw, Frame},
    header::{ERROR_COLUMNS, Header},
    lines::{Line, Lines, Place},
    row_error::RowError,
    shape::{Format, Shape},
    split::{CsvRow, Fields, Progress},
};
use perennial_core::{Code, Error, Result};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Reads rows one by one, or at their places.
#[derive(Debug)]
pub(super) struct Frames {
    path: PathBuf,
    lines: Lines,
    shape: Shape,
    header: Option<Header>,
    /// How many fields a row has: as many as the header, or as the first row that has all that are
    /// asked for.
    width: Option<usize>,
    fields_min: usize,
    is_marked: bool,
    raw: Vec<u8>,
    fields: Fields,
}

impl Frames {
    /// Opens a file and reads its header. Fails with `INVALID_INPUT`, naming the file.
    pub(super) fn open(path: &Path, shape: Shape) -> Result<Self> {
        let text = Utf8File::open(path, shape.encoding)?;
        let is_marked = text.is_marked;
        let mut lines =
            Lines::new(text, shape.row_bytes_max()).map_err(|error| unreadable(path, error))?;
        let header = shape.has_header.then(|| Header::read(path, &mut lines, shape)).transpose()?;
        Ok(Self {
            path: path.to_owned(),
            lines,
            shape,
            width: header.as_ref().map(|header| header.names.len()),
            header,
            fields_min: 0,
            is_marked,
            raw: Vec::new(),
            fields: Fields::default(),
        })
    }

    /// What the first line says, if the file has such a line.
    pub(super) fn header(&self) -> Option<&[String]> {
        self.header.as_ref().map(|header| &header.names[..])
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether what is written beside the file has to say its encoding.
    pub(super) fn is_marked(&self) -> bool {
        self.is_marked
    }

    /// The fields of a row, as far as that is known yet.
    pub(super) fn width(&self) -> usize {
        self.width.unwrap_or(self.fields_min)
    }

    /// Says how many fields a row has at least.
    pub(super) fn need(&mut self, fields_min: usize) {
        self.fields_min = fields_min;
    }

    /// The bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.lines.size()
    }

    /// The bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.lines.place().offset
    }

    /// Reads a row again.
    pub(super) fn at(&mut self, place: Place) -> Result<Option<Frame<'_>>> {
        self.lines.seek(place).map_err(|error| unreadable(&self.path, error))?;
        self.next()
    }

    /// Finds the next row that is not blank and cuts it into fields.
    pub(super) fn next(&mut self) -> Result<Option<Frame<'_>>> {
        let found = self.cut_next().map_err(|error| unreadable(&self.path, error))?;
        Ok(found.map(|(place, flaw)| Frame {
            place,
            format: self.shape.format,
            raw: &self.raw,
            fields: &self.fields,
            flaw,
        }))
    }

    fn cut_next(&mut self) -> io::Result<Option<(Place, Option<Flaw>)>> {
        loop {
            let place = self.lines.place();
            self.raw.clear();
            self.fields.clear();
            let cut = match self.lines.read(&mut self.raw)? {
                Line::End => return Ok(None),
                Line::Whole if self.raw.trim_ascii().is_empty() => continue,
                Line::Whole => self.cut()?,
                Line::TooLong => {
                    Err(format!("the row is longer than {} bytes", self.lines.row_bytes_max()))
                }
            };
            let refused = |reason| RowError::new(place, Code::InvalidInput, reason);
            let flaw = match cut {
                Err(reason) => Some(Flaw::Broken(refused(reason))),
                Ok(()) => {
                    self.drop_error_columns();
                    self.check_width().err().map(|reason| Flaw::Width(refused(reason)))
                }
            };
            return Ok(Some((place, flaw)));
        }
    }

    fn cut(&mut self) -> io::Result<Result<(), String>> {
        match self.shape.format {
            Format::Ndjson => Ok(Ok(())),
            Format::Whitespace => {
                self.fields.split_whitespace(&self.raw);
                Ok(Ok(()))
            }
            Format::Csv => self.cut_csv(),
        }
    }

    /// Cuts a row of CSV, reading on while a quoted field is open. A row whose quotes are wrong
    /// ends with its first line: the lines after it may be rows again.
    fn cut_csv(&mut self) -> io::Result<Result<(), String>> {
        let second = self.lines.place();
        let first_len = self.raw.len();
        let mut row = CsvRow::new(self.shape.delimiter);
        let mut start = 0;
        let reason = loop {
            match row.line(&self.raw[start..], &mut self.fields) {
                Progress::Complete => return Ok(Ok(())),
                Progress::Broken => break "text follows a closing quote",
                Progress::Open => {}
            }
            start = self.raw.len();
            if self.lines.read(&mut self.raw)? != Line::Whole {
                break "a quote is opened and not closed";
            }
        };
        self.lines.seek(second)?;
        self.raw.truncate(first_len);
        Ok(Err(reason.to_owned()))
    }

    /// Forgets what an error file added to the row, so that it can be imported as it is.
    fn drop_error_columns(&mut self) {
        let Some(own) = self.fields.len().checked_sub(ERROR_COLUMNS.len()) else { return };
        let is_added = match &self.header {
            // Who deleted the columns of one row did no harm.
            Some(header) if header.has_error_columns => self.fields.len() != header.names.len(),
            _ => self.fields.iter().skip(own).zip(ERROR_COLUMNS).all(|(field, name)| {
                field.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
            }),
        };
        if is_added {
            self.fields.truncate(own);
        }
    }

    fn check_width(&mut self) -> Result<(), String> {
        if self.shape.format == Format::Ndjson {
            return Ok(());
        }
        let (found, needed) = (self.fields.len(), self.fields_min);
        let expected = match self.width {
            Some(width) => width,
            None if found >= needed => *self.width.insert(found),
            None => needed,
        };
        if found == expected {
            return Ok(());
        }
        Err(format!("the row has {found} columns, {expected} are expected"))
    }
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let why = format!("{}: {error}", path.display());
    Error::new(Code::InvalidInput, why).caused_by(error)
}
