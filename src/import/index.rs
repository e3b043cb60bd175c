//! Where the rows of a file are, in the order in which they are imported: those that belong together
//! stand together, wherever they are in the file. A first reading writes places and digests into a
//! temporary file that is a sorted table, so that memory does not grow with the file.

use super::{frames::Frames, layout::Layout, lines::Place};
use perennial_core::{Code, Error, Result};
use redb::backends::FileBackend;
use redb::{Database, Durability, ReadableTable, ReadableTableMetadata, TableDefinition};
use sha2::{Digest, Sha256};

/// Digest of the key and offset of a row: when it happened, and its line.
const BY_KEY: TableDefinition<'_, (u128, u64), (i64, u64)> = TableDefinition::new("by_key");
/// When the first row of the key happened, its offset, and the row's own: the row's line, and its
/// number among those of the key.
const IN_ORDER: TableDefinition<'_, (i64, u64, u64), (u64, u32)> = TableDefinition::new("in_order");

/// What the table keeps in memory.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// A row's place in the file and among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) place: Place,
    /// The offset of the first row of those that belong together.
    pub(super) first: u64,
    pub(super) occurrence: u32,
}

/// The places of all rows, in order.
pub(super) struct Index {
    rows: InOrder,
    row_count: u64,
    /// Closing it would end the reading.
    _table: Table,
}

type InOrder = redb::Range<'static, (i64, u64, u64), (u64, u32)>;

impl Index {
    /// Reads the whole file once, and says how far it is.
    pub(super) fn build(
        frames: &mut Frames,
        layout: &impl Layout,
        progress: &dyn Fn(u64),
    ) -> Result<Self> {
        let table = Table::create().map_err(unwritable)?;
        table.fill(frames, layout, progress)?;
        let row_count = table.sort(layout.is_numbered()).map_err(unwritable)?;
        let rows = table.rows().map_err(unwritable)?;
        Ok(Self { rows, row_count, _table: table })
    }

    /// How many rows there are, good and bad.
    pub(super) fn row_count(&self) -> u64 {
        self.row_count
    }

    pub(super) fn next(&mut self) -> Result<Option<Entry>> {
        let entry = self.rows.next().transpose().map_err(|error| unwritable(error.into()))?;
        Ok(entry.map(|(key, value)| {
            let ((_, first, offset), (line, occurrence)) = (key.value(), value.value());
            Entry { place: Place { offset, line }, first, occurrence }
        }))
    }
}

/// The sorted table; its file has no name, so it goes with the process, however that ends.
struct Table(Database);

impl Table {
    fn create() -> Result<Self, redb::Error> {
        let file = FileBackend::new(tempfile::tempfile()?)?;
        Ok(Self(Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(file)?))
    }

    fn fill(
        &self,
        frames: &mut Frames,
        layout: &impl Layout,
        progress: &dyn Fn(u64),
    ) -> Result<()> {
        let writing = self.begin().map_err(unwritable)?;
        {
            let mut by_key =
                writing.open_table(BY_KEY).map_err(|error| unwritable(error.into()))?;
            while let Some(frame) = frames.next()? {
                let cells = frame.likely_cells();
                let place = frame.place;
                let key = cells.as_ref().and_then(|cells| layout.key(place, cells));
                let at = cells.as_ref().and_then(|cells| layout.instant(place, cells));
                let at = at.map_or(i64::MIN, perennial_core::Timestamp::microseconds);
                by_key
                    .insert((digest(key, place), place.offset), (at, place.line))
                    .map_err(|error| unwritable(error.into()))?;
                progress(frames.position());
            }
        }
        writing.commit().map_err(|error| unwritable(error.into()))
    }

    /// Puts rows of one key behind the first of them, and numbers them. Returns how many rows there
    /// are.
    fn sort(&self, is_numbered: bool) -> Result<u64, redb::Error> {
        let writing = self.begin()?;
        let row_count = {
            let by_key = writing.open_table(BY_KEY)?;
            let mut in_order = writing.open_table(IN_ORDER)?;
            let mut current = None;
            for row in by_key.iter()? {
                let (key, value) = row?;
                let ((digest, offset), (at, line)) = (key.value(), value.value());
                let (_, first_at, first, occurrence) = match current {
                    Some((same, first_at, first, occurrence)) if same == digest => {
                        let own = if is_numbered { (at, offset) } else { (first_at, first) };
                        (digest, own.0, own.1, occurrence + 1)
                    }
                    _ => (digest, at, offset, 1),
                };
                current = Some((digest, first_at, first, occurrence));
                in_order.insert((first_at, first, offset), (line, occurrence))?;
            }
            by_key.len()?
        };
        writing.commit()?;
        Ok(row_count)
    }

    fn rows(&self) -> Result<InOrder, redb::Error> {
        use redb::ReadableDatabase;
        let in_order = self.0.begin_read()?.open_table(IN_ORDER)?;
        Ok(in_order.range::<(i64, u64, u64)>(..)?)
    }

    fn begin(&self) -> Result<redb::WriteTransaction, redb::Error> {
        let mut writing = self.0.begin_write()?;
        // Nobody reads the file after a crash.
        writing.set_durability(Durability::None)?;
        Ok(writing)
    }
}

/// What stands for a key in the table; 128 bits, so that no two keys share one. The digest is the
/// same on every machine, so that an import repeated elsewhere finds the same order.
fn digest(key: Option<String>, place: Place) -> u128 {
    // A line end begins no key, so a row without one is alone.
    let key = key.unwrap_or_else(|| format!("\n{}", place.offset));
    let digest = Sha256::digest(key.as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(short)
}

fn unwritable(error: redb::Error) -> Error {
    let why = "the index of the rows cannot be kept in the folder for temporary files: make room \
               there, or name another folder in TMPDIR, and import again";
    Error::new(Code::Unavailable, format!("{why} ({error})")).caused_by(error)
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("row_count", &self.row_count).finish_non_exhaustive()
    }
}
