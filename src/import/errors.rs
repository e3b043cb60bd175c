//! The rows that were refused, as CSV beside the input: `purchases.csv` gives
//! `purchases.csv.errors.csv`.

use super::RowError;
use perennial_core::{Code, Error, Result};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

/// Collects errors in a file that appears, complete, when the import ends; without errors there is
/// none.
#[derive(Debug)]
pub(crate) struct ErrorFile {
    path: PathBuf,
    partial: PathBuf,
    writer: Option<csv::Writer<File>>,
    count: u64,
}

impl ErrorFile {
    /// For the errors in `input`.
    pub(crate) fn beside(input: &Path) -> Self {
        let with = |suffix| {
            let mut name = input.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (path, partial) = (with(".errors.csv"), with(".errors.csv.partial"));
        Self { path, partial, writer: None, count: 0 }
    }

    pub(crate) fn write(&mut self, error: &RowError) -> Result<()> {
        let line = error.line.to_string();
        let record = [&line, &error.column, error.code.as_str(), &error.reason, &error.value];
        let written = self.writer().and_then(|writer| Ok(writer.write_record(record)?));
        self.count += 1;
        written.map_err(|error| self.unwritable(error))
    }

    /// How many errors were written.
    pub(crate) fn count(&self) -> u64 {
        self.count
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

    fn writer(&mut self) -> io::Result<&mut csv::Writer<File>> {
        if self.writer.is_none() {
            let mut writer = csv::Writer::from_writer(File::create(&self.partial)?);
            writer.write_record(["line", "column", "code", "message", "value"])?;
            self.writer = Some(writer);
        }
        Ok(self.writer.as_mut().expect("it was set above"))
    }

    fn publish(&self, writer: csv::Writer<File>) -> io::Result<()> {
        writer.into_inner().map_err(csv::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&self.partial, &self.path)
    }

    fn unwritable(&self, error: io::Error) -> Error {
        let message = format!("cannot write {}: {error}", self.path.display());
        Error::new(Code::InvalidInput, message).caused_by(error)
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
