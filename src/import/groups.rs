//! The rows of a file, those of one order or member together.

use super::{
    cells::Digest,
    error_file::ErrorFile,
    frames::Frames,
    group::{GROUP_ROWS_MAX, Group},
    index::{Entry, Index},
    layout::Layout,
    lines::Place,
    refused::Refused,
    row_error::{Outcome, RowError},
    shape::{Mapping, Shape, invalid},
};
use perennial_core::{Code, Result};
use std::path::Path;

/// Reads a file, group by group.
#[derive(Debug)]
pub(crate) struct Groups<L> {
    frames: Frames,
    layout: L,
    index: Index,
    next: Option<Entry>,
    /// The first row of a group that is too large and not at its end.
    too_large: Option<u64>,
}

/// A file that was opened, and in which nothing but the header was read.
#[derive(Debug)]
pub(crate) struct Opened {
    frames: Frames,
}

impl Opened {
    /// Fails with `INVALID_INPUT`, naming the file.
    pub(crate) fn open(path: &Path, mapping: &impl Mapping) -> Result<Self> {
        Ok(Self { frames: Frames::open(path, mapping.shape()?)? })
    }

    /// The bytes of the file.
    pub(crate) fn size(&self) -> u64 {
        self.frames.size()
    }

    /// Finds the columns, and reads the whole file to see which rows belong together. `layout`
    /// applies a mapping to the header. Fails with `INVALID_INPUT`, naming the file and the
    /// column.
    pub(crate) fn groups<L: Layout>(
        self,
        layout: impl FnOnce(Shape, Option<&[String]>) -> Result<L>,
        progress: &dyn Fn(u64),
    ) -> Result<Groups<L>> {
        let mut frames = self.frames;
        let layout = layout(frames.shape(), frames.header()).map_err(|error| {
            invalid(&format!("{}: {}", frames.path().display(), error.message()))
        })?;
        frames.need(layout.fields_min());
        let mut index = Index::build(&mut frames, &layout, progress)?;
        let next = index.next()?;
        Ok(Groups { frames, layout, index, next, too_large: None })
    }
}

impl<L: Layout> Groups<L> {
    /// How many rows there are, good and bad.
    pub(crate) fn row_count(&self) -> u64 {
        self.index.row_count()
    }

    pub(crate) fn layout(&self) -> &L {
        &self.layout
    }

    /// The next group; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Group<L::Row>>> {
        let Some(Entry { first, .. }) = self.next else { return Ok(None) };
        let is_rest = self.too_large == Some(first);
        let mut rows = Vec::new();
        while let Some(entry) = self.next.filter(|next| next.first == first) {
            if rows.len() == GROUP_ROWS_MAX {
                self.too_large = Some(first);
                return Ok(Some(Group { rows, is_too_large: true, is_rest }));
            }
            let (digest, outcome) = self.row(entry)?;
            rows.push((entry.place, digest, outcome));
            self.next = self.index.next()?;
        }
        Ok(Some(Group { rows, is_too_large: is_rest, is_rest }))
    }

    fn row(&mut self, entry: Entry) -> Result<(Digest, Outcome<L::Row>)> {
        let Some(frame) = self.frames.at(entry.place)? else {
            return Ok((Digest::default(), Err(vanished(entry.place))));
        };
        let cells = match frame.cells() {
            Ok(cells) => cells,
            Err(error) => return Ok((Digest::default(), Err(error))),
        };
        let outcome = self.layout.row(entry.place, &cells, entry.occurrence);
        Ok((cells.digest(), outcome))
    }

    /// The file for the rows that are refused.
    pub(crate) fn error_file(&self) -> ErrorFile {
        ErrorFile::beside(&self.frames)
    }

    /// Writes a row that was refused, which is read again for that.
    pub(crate) fn refuse(&mut self, error: &RowError, errors: &mut ErrorFile) -> Result<()> {
        let width = self.frames.width();
        let row = match self.frames.at(error.place)? {
            Some(frame) => Refused::of(&frame, width),
            None => Refused::Fields(Vec::new()),
        };
        errors.write(error, row)
    }
}

fn vanished(place: Place) -> RowError {
    let reason = "the row is gone: the file became shorter while it was read";
    RowError::new(place, Code::InvalidInput, reason)
}
