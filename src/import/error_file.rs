//! The rows that were refused, in a file beside the input, to be corrected and imported as it is:
//! `orders.csv` gives `orders.csv.errors.csv`. Each row is there with its own columns, and after
//! them its line, the column, the code and the reason. Reading forgets these four again, by the
//! header's names or, where a file has none, because each says its own name.

use super::{
    frames::Frames,
    header::ERROR_COLUMNS,
    refused::{Refused, Tail, csv_record},
    row_error::RowError,
    shape::{Format, Shape},
};
use perennial_core::{Code, Error, Result};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Collects errors in a file that appears, complete, when the import ends; without errors there is
/// none.
#[derive(Debug)]
pub(crate) struct ErrorFile {
    path: PathBuf,
    partial: PathBuf,
    form: Form,
    writer: Option<BufWriter<File>>,
}

/// How the file is written: as its input is, so that the same mapping reads it.
#[derive(Debug)]
struct Form {
    shape: Shape,
    header: Option<Vec<String>>,
    /// Whether the file begins with a byte-order mark, as an input in another encoding would be
    /// read as that.
    is_marked: bool,
}

impl ErrorFile {
    /// For the errors in a file.
    pub(super) fn beside(frames: &Frames) -> Self {
        let form = Form {
            shape: frames.shape(),
            header: frames.header().map(<[String]>::to_vec),
            is_marked: frames.is_marked(),
        };
        let with = |suffix: &str| {
            let mut name = frames.path().as_os_str().to_owned();
            name.push(".errors.");
            name.push(form.ending());
            name.push(suffix);
            PathBuf::from(name)
        };
        Self { path: with(""), partial: with(".partial"), form, writer: None }
    }

    pub(super) fn write(&mut self, error: &RowError, row: Refused) -> Result<()> {
        let written = self.form.row(error, row).and_then(|row| self.writer()?.write_all(&row));
        written.map_err(|error| self.unwritable(error))
    }

    /// Puts the file in its place and returns its path. The error file of an earlier import is
    /// replaced or removed.
    pub(crate) fn finish(mut self) -> Result<Option<PathBuf>> {
        let finished = match self.writer.take() {
            Some(writer) => self.publish(writer).map(|()| Some(self.path.clone())),
            None => remove(&self.path).map(|()| None),
        };
        finished.map_err(|error| self.unwritable(error))
    }

    fn writer(&mut self) -> io::Result<&mut BufWriter<File>> {
        if self.writer.is_none() {
            let mut writer = BufWriter::new(File::create(&self.partial)?);
            writer.write_all(&self.form.beginning()?)?;
            self.writer = Some(writer);
        }
        Ok(self.writer.as_mut().expect("it was set above"))
    }

    fn publish(&self, writer: BufWriter<File>) -> io::Result<()> {
        writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&self.partial, &self.path)
    }

    fn unwritable(&self, error: io::Error) -> Error {
        let message = format!("cannot write {}: {error}", self.path.display());
        Error::new(Code::InvalidInput, message).caused_by(error)
    }
}

impl Form {
    fn ending(&self) -> &'static str {
        match self.shape.format {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Whitespace => "txt",
        }
    }

    /// What comes before the rows.
    fn beginning(&self) -> io::Result<Vec<u8>> {
        let mut beginning = Vec::new();
        if self.is_marked {
            beginning.extend_from_slice("\u{feff}".as_bytes());
        }
        match (&self.header, self.shape.format) {
            (Some(names), Format::Csv) => {
                let names = names.iter().map(String::as_str).chain(ERROR_COLUMNS);
                beginning.extend(csv_record(names, self.shape.delimiter)?);
            }
            (Some(names), _) => beginning.extend(format!("{}\n", names.join(" ")).into_bytes()),
            (None, _) => {}
        }
        Ok(beginning)
    }

    fn row(&self, error: &RowError, row: Refused) -> io::Result<Vec<u8>> {
        let tail = if self.header.is_some() { Tail::Plain } else { Tail::Named };
        match self.shape.format {
            Format::Csv => row.csv(error, self.shape.delimiter, tail),
            Format::Ndjson => Ok(row.object(error)),
            Format::Whitespace => Ok(row.columns(error)),
        }
    }
}

impl Drop for ErrorFile {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // Nothing can be done about a failure here; the next import overwrites the file.
            let _ = remove(&self.partial);
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
