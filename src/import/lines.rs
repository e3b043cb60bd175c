//! The lines of a file with their places, each read in bounded memory.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

/// The longest row. A purchase needs a few hundred bytes; what is longer is most likely another
/// kind of file.
pub(super) const ROW_BYTES_MAX: usize = 64 * 1024;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// Where a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// In bytes from the beginning of the file.
    pub(super) offset: u64,
    /// From 1.
    pub(super) line: u64,
}

/// What was found at the position.
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
    next: Position,
}

impl Lines {
    /// Opens a file, skipping a byte-order mark.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::new(File::open(path)?);
        let mut beginning = Vec::new();
        (&mut file).take(BOM.len() as u64).read_to_end(&mut beginning)?;
        let offset = if beginning == BOM { BOM.len() as u64 } else { 0 };
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file, next: Position { offset, line: 1 } })
    }

    /// Where the next line begins.
    pub(super) fn position(&self) -> Position {
        self.next
    }

    pub(super) fn seek(&mut self, to: Position) -> io::Result<()> {
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
        let room = ROW_BYTES_MAX.saturating_sub(row.len());
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
