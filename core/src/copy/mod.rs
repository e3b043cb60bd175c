//! Copying a whole installation into an empty database, of the same kind or of the other.
//!
//! The source is read in one snapshot, so what is copied is one moment of it, whatever is written
//! meanwhile. The target is filled in one transaction, read back, compared and only then committed:
//! it holds all of it or nothing. Until then it carries a mark, so that no server takes it for an
//! empty installation.
//!
//! Which tables there are, and of what columns, is asked of the databases: a table that a migration
//! adds is copied without anybody thinking of it, and what counts its rows goes on behind them. Memory is bounded by a few batches.

mod books;
mod catalogue;
mod cell;
mod insert;
mod mark;
mod read;
mod source;
mod target;

pub use books::BookSum;
pub use mark::is_unfinished;

use crate::db::Database;
use crate::{Code, Error, Result};
use catalogue::Table;
use cell::Sum;
use read::Batch;
use source::Source;
use target::Target;
use tokio::sync::mpsc::{Receiver, channel};

/// Batches that wait between whoever reads and whoever writes.
const BATCHES_WAITING: usize = 2;

/// What was copied; both sides agree on it.
#[derive(Debug)]
pub struct Copied {
    pub tables: Vec<CopiedTable>,
    pub books: Vec<BookSum>,
    /// Tables of the source that are not the platform's, and stayed where they are.
    pub left_out: Vec<String>,
}

/// A table and its rows.
#[derive(Debug)]
pub struct CopiedTable {
    pub name: String,
    pub rows: u64,
}

/// How far a copy is, in rows.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    Copying { done: u64, of: u64 },
    Comparing { done: u64, of: u64 },
}

/// Is told how far a copy is.
pub type Watch<'w> = &'w (dyn Fn(Progress) + Send + Sync);

/// Copies all of `from` into `to`, which has the tables of this version, and no rows. Fails with
/// `INVALID_INPUT` when a database is not what it has to be; whatever it fails with, nothing was
/// copied.
pub async fn copy(from: &Database, to: &Database, watch: Watch<'_>) -> Result<Copied> {
    let mut source = Source::open(from).await?;
    let mut target = Target::open(to).await?;
    let Pairs { tables, left_out } = Pairs::of(source.tables(), target.tables())?;
    let of = source.count(&tables).await?;
    target.claim().await?;
    let (sender, batches) = channel(BATCHES_WAITING);
    let copying = |done| watch(Progress::Copying { done, of });
    let (sums, ()) =
        tokio::try_join!(source.read(&tables, sender), write(&mut target, batches, copying),)?;
    let comparing = |done| watch(Progress::Comparing { done, of });
    compare(&mut target, &sums, comparing).await?;
    let books = books::compare(source.connection(), target.connection()).await?;
    target.finish().await?;
    target.close().await?;
    source.close().await?;
    to.count_what_grew().await?;
    let copied = tables.into_iter().zip(sums);
    let copied = copied.map(|(table, sum)| CopiedTable { name: table.name, rows: sum.rows });
    Ok(Copied { tables: copied.collect(), books, left_out })
}

/// The tables of the source, each with the columns in the order of the target's, and none before
/// one that it refers to.
struct Pairs {
    tables: Vec<Table>,
    left_out: Vec<String>,
}

impl Pairs {
    fn of(from: &[Table], to: &[Table]) -> Result<Self> {
        let pair = |table: &Table| {
            let found = from.iter().find(|one| one.name == table.name);
            found.and_then(|found| found.in_order_of(table)).ok_or_else(|| {
                let why = format!("the table `{}` is another one in the source", table.name);
                Error::new(Code::InvalidInput, why)
            })
        };
        let is_known = |table: &&Table| to.iter().any(|one| one.name == table.name);
        let left_out = from.iter().filter(|table| !is_known(table)).map(|table| table.name.clone());
        let tables = to.iter().map(pair).collect::<Result<_>>()?;
        Ok(Self { tables, left_out: left_out.collect() })
    }
}

async fn write(
    target: &mut Target,
    mut batches: Receiver<Batch>,
    watch: impl Fn(u64),
) -> Result<()> {
    let mut done: u64 = 0;
    while let Some(batch) = batches.recv().await {
        done += batch.rows.len() as u64;
        target.write(batch).await?;
        tracing::debug!(done, "copied");
        watch(done);
    }
    Ok(())
}

/// Reads back what was written: the same rows, or nothing was copied.
async fn compare(target: &mut Target, sums: &[Sum], watch: impl Fn(u64)) -> Result<()> {
    let (sender, mut batches) = channel::<Batch>(BATCHES_WAITING);
    let watched = async {
        let mut done: u64 = 0;
        while let Some(batch) = batches.recv().await {
            done += batch.rows.len() as u64;
            watch(done);
        }
        Ok(())
    };
    let (found, ()) = tokio::try_join!(target.read_back(sender), watched)?;
    for (table, (sum, found)) in target.tables().iter().zip(sums.iter().zip(found)) {
        if found != *sum {
            let (name, rows, of) = (&table.name, found.rows, sum.rows);
            let why = match rows == of {
                true => {
                    format!("rows of `{name}` are not the same in the target: nothing was copied")
                }
                false => {
                    format!("`{name}` has {rows} rows in the target, not {of}: nothing was copied")
                }
            };
            return Err(Error::new(Code::Internal, why));
        }
    }
    Ok(())
}
