//! The lines of a file with their places, each read in bounded memory.

use super::encoding::Utf8File;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
};

/// Where a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// In bytes from the beginning of the file.
    pub(crate) offset: u64,
    /// From 1.
    pub(crate) line: u64,
}

/// What was found at the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    End,
    Whole,
    /// The row exceeds its limit; the rest of the line was skipped.
    TooLong,
}

/// Reads a file line by line.
#[derive(Debug)]
pub(super) struct Lines {
    file: BufReader<File>,
    next: Place,
    size: u64,
    row_bytes_max: usize,
}

impl Lines {
    pub(super) fn new(text: Utf8File, row_bytes_max: usize) -> io::Result<Self> {
        let Utf8File { file, begin, size, .. } = text;
        let mut file = BufReader::new(file);
        file.seek(SeekFrom::Start(begin))?;
        Ok(Self { file, next: Place { offset: begin, line: 1 }, size, row_bytes_max })
    }

    /// Where the next line begins.
    pub(super) fn place(&self) -> Place {
        self.next
    }

    /// The bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The most bytes of a row.
    pub(super) fn row_bytes_max(&self) -> usize {
        self.row_bytes_max
    }

    pub(super) fn seek(&mut self, to: Place) -> io::Result<()> {
        // Relative, so that a short way within the buffer costs no read.
        match i64::try_from(i128::from(to.offset) - i128::from(self.next.offset)) {
            Ok(distance) => self.file.seek_relative(distance)?,
            Err(_) => self.file.seek(SeekFrom::Start(to.offset)).map(drop)?,
        }
        self.next = to;
        Ok(())
    }

    /// Appends the next line, with its end, to the row read so far.
    pub(super) fn read(&mut self, row: &mut Vec<u8>) -> io::Result<Line> {
        let room = self.row_bytes_max.saturating_sub(row.len());
        let taken = (&mut self.file).take(room as u64 + 1).read_until(b'\n', row)?;
        if taken == 0 {
            return Ok(Line::End);
        }
        self.next.line += 1;
        self.next.offset += taken as u64;
        if taken <= room {
            return Ok(Line::Whole);
        }
        if row.last() != Some(&b'\n') {
            self.next.offset += self.file.skip_until(b'\n')? as u64;
        }
        Ok(Line::TooLong)
    }
}
