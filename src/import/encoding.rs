//! A file as UTF-8. One in another encoding is rewritten into a temporary file first, so that all
//! that follows can go to any row by its place.

use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;
use perennial_core::{Code, Error, Result};
use serde::{Deserialize, Deserializer};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The longest byte-order mark.
const MARK_BYTES_MAX: u64 = 3;

/// An encoding by its name in the WHATWG standard, such as `windows-1251`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named(&'static Encoding);

/// A file whose bytes are UTF-8 from `begin` on.
#[derive(Debug)]
pub(super) struct Utf8File {
    pub(super) file: File,
    pub(super) begin: u64,
    pub(super) size: u64,
    /// Whether it had a byte-order mark or another encoding, so that a reader of what is written
    /// beside it has to be told the encoding.
    pub(super) is_marked: bool,
}

impl Default for Named {
    fn default() -> Self {
        Self(UTF_8)
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        // Without its replacement, which decodes nothing: it only refuses unsafe encodings.
        let found = Encoding::for_label_no_replacement(name.as_bytes());
        found.map(Self).ok_or_else(|| {
            let why = format!(
                "`{name}` is not an encoding; use a name such as utf-8, utf-16le, latin1, \
                 windows-1251 or shift_jis"
            );
            serde::de::Error::custom(why)
        })
    }
}

impl Utf8File {
    /// Opens a file. A byte-order mark says more than the mapping, because it is in the file.
    pub(super) fn open(path: &Path, encoding: Named) -> Result<Self> {
        Self::read(path, encoding).map_err(|error| {
            let why = format!("{}: {error}", path.display());
            Error::new(Code::InvalidInput, why).caused_by(error)
        })
    }

    fn read(path: &Path, encoding: Named) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut beginning = Vec::new();
        (&mut file).take(MARK_BYTES_MAX).read_to_end(&mut beginning)?;
        let marked = Encoding::for_bom(&beginning);
        let (actual, mark_bytes) = marked.unwrap_or((encoding.0, 0));
        if actual != UTF_8 {
            return Self::rewritten(file, actual);
        }
        let size = file.metadata()?.len();
        Ok(Self { file, begin: mark_bytes as u64, size, is_marked: marked.is_some() })
    }

    /// The temporary file has no name, so it goes with the process, however that ends.
    fn rewritten(mut file: File, encoding: &'static Encoding) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        let mut text =
            DecodeReaderBytesBuilder::new().encoding(Some(encoding)).strip_bom(true).build(file);
        let mut copy = tempfile::tempfile()?;
        let size = io::copy(&mut text, &mut copy)?;
        Ok(Self { file: copy, begin: 0, size, is_marked: true })
    }
}
