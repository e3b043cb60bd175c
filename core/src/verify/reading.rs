//! Reading along the journal: seals and rows, a part after the other. What they name is read and
//! digested beside it, a few parts at a time, each over a connection of its own; whoever takes the
//! parts gets them in their order. So the database and this process are at work on all cores, and
//! memory is bounded by the parts that are under way.

use super::Subject;
use super::looked::{Looked, Looking};
use crate::db::{Snapshot, id, limit};
use crate::journal::{Item, unpack};
use crate::sealing::{JournalRow, SealRow};
use crate::{Error, Result};
use sea_orm::{QueryResult, Value};
use std::collections::VecDeque;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinHandle, spawn};

/// How many seals are read at a time; each has the digests of a block.
const SEALS: u64 = 16;
/// How many rows of the journal are read at a time. A row lists up to a hundred items.
const ROWS: usize = 1_000;
/// A part is full when it has so many items: enough for a range to be longer than its ends, few
/// enough for several of them to be in memory.
const ITEMS_MAX: usize = 8_000;

const SEALS_AFTER: &str = "
    SELECT z.number, z.first_position, z.last_position, z.sealed_at, z.previous_hash, z.hash,
        z.signed_by, z.signature, z.digests, CAST(z.count AS BIGINT)
    FROM seals AS z
    WHERE z.program_id = $1 AND z.number > $2
    ORDER BY z.number
    LIMIT $3";
const JOURNAL_AFTER: &str = "
    SELECT j.position, j.count, j.kinds, j.items
    FROM journal AS j
    WHERE j.program_id = $1 AND j.position > $2
    ORDER BY j.position
    LIMIT $3";
const UNPLACED_AFTER: &str = "
    SELECT u.seq, u.items
    FROM journal_unplaced AS u
    WHERE u.program_id = $1 AND u.seq > $2
    ORDER BY u.seq
    LIMIT $3";

/// What was read, in order.
pub(super) enum Read {
    /// The rows that follow are those of its block.
    Seal(SealRow),
    Row(ReadRow),
    /// The rows that follow are not sealed.
    Tail,
    /// So many items have no position yet.
    Unplaced(usize),
}

/// A row of the journal, whose items are the next of its part.
pub(super) struct ReadRow {
    pub(super) position: i64,
    pub(super) count: i64,
    pub(super) kinds: i32,
    /// How many there are; none when they cannot be read.
    pub(super) items: Option<usize>,
}

/// Some of it, and the items that it lists.
#[derive(Default)]
pub(super) struct Part {
    pub(super) reads: Vec<Read>,
    pub(super) items: Vec<Item>,
}

/// Connections for whoever reads what items name.
pub(super) struct Readers {
    idle: Receiver<Snapshot>,
    back: Sender<Snapshot>,
    many: usize,
}

impl Readers {
    pub(super) fn of(connections: Vec<Snapshot>) -> Self {
        let many = connections.len();
        let (back, idle) = channel(many);
        for connection in connections {
            // There is room for each.
            back.try_send(connection).unwrap_or_default();
        }
        Self { idle, back, many }
    }

    pub(super) async fn close(mut self) -> Result<()> {
        while let Ok(connection) = self.idle.try_recv() {
            connection.close().await?;
        }
        Ok(())
    }
}

/// Calls for each part, in order, with what `looking` has found of it.
pub(super) async fn along(
    snapshot: &mut Snapshot,
    readers: &mut Readers,
    subject: &Subject,
    looking: &Looking,
    mut take: impl FnMut(Looked),
) -> Result<()> {
    let (sender, mut looked) = channel(readers.many);
    let mut way = Way { snapshot, readers, subject, looking, part: Part::default(), sender };
    let reading = async move { way.all().await };
    let taking = async {
        while let Some(part) = looked.recv().await {
            let part: JoinHandle<Result<Looked>> = part;
            let failed = |error| Error::internal("a part was not looked at").caused_by(error);
            take(part.await.map_err(failed)??);
        }
        Ok(())
    };
    tokio::try_join!(reading, taking)?;
    Ok(())
}

/// The way along the journal.
struct Way<'w> {
    snapshot: &'w mut Snapshot,
    readers: &'w mut Readers,
    subject: &'w Subject,
    looking: &'w Looking,
    part: Part,
    sender: Sender<JoinHandle<Result<Looked>>>,
}

impl Way<'_> {
    async fn all(&mut self) -> Result<()> {
        let (mut number, mut journal) = (0, Journal::default());
        loop {
            let seals = seals(self.snapshot, self.subject, number).await?;
            if seals.is_empty() {
                break;
            }
            for seal in seals {
                number = seal.number;
                let last = seal.last_position;
                self.part.reads.push(Read::Seal(seal));
                self.rows(&mut journal, last).await?;
            }
        }
        self.part.reads.push(Read::Tail);
        self.rows(&mut journal, i64::MAX).await?;
        let mut unplaced = Vec::new();
        each_unplaced(self.snapshot, self.subject, |item| unplaced.push(item)).await?;
        for items in unplaced.chunks(ITEMS_MAX) {
            self.part.reads.push(Read::Unplaced(items.len()));
            self.part.items.extend(items);
            self.pass_on().await?;
        }
        self.pass_on().await
    }

    /// The rows up to a position.
    async fn rows(&mut self, journal: &mut Journal, last: i64) -> Result<()> {
        while let Some(row) = journal.next(self.snapshot, self.subject, last).await? {
            let items = unpack(&row.items).ok();
            let read = ReadRow {
                position: row.position,
                count: row.count,
                kinds: row.kinds,
                items: items.as_ref().map(Vec::len),
            };
            self.part.reads.push(Read::Row(read));
            self.part.items.extend(items.unwrap_or_default());
            if self.part.items.len() >= ITEMS_MAX {
                self.pass_on().await?;
            }
        }
        Ok(())
    }

    /// Has the part looked at, as soon as a connection is free.
    async fn pass_on(&mut self) -> Result<()> {
        let gone = || Error::internal("nobody takes what is read");
        let part = std::mem::take(&mut self.part);
        let mut connection = self.readers.idle.recv().await.ok_or_else(gone)?;
        let (looking, back) = (self.looking.clone(), self.readers.back.clone());
        let looked = spawn(async move {
            let looked = looking.look_at(part, &mut connection).await;
            back.send(connection).await.map_err(|_| gone())?;
            looked
        });
        // Whoever no longer receives has failed, and says why.
        self.sender.send(looked).await.map_err(|_| gone())
    }
}

/// Rows of the journal in their order, read some at a time.
#[derive(Default)]
struct Journal {
    rows: VecDeque<JournalRow>,
    after: i64,
    is_read: bool,
}

impl Journal {
    /// The next row, if it is not behind `last`.
    async fn next(
        &mut self,
        snapshot: &mut Snapshot,
        subject: &Subject,
        last: i64,
    ) -> Result<Option<JournalRow>> {
        if self.rows.is_empty() && !self.is_read {
            self.rows = journal(snapshot, subject, self.after).await?.into();
            self.is_read = self.rows.is_empty();
            self.after = self.rows.back().map_or(self.after, |row| row.position);
        }
        Ok(self.rows.pop_front_if(|row| row.position <= last))
    }
}

/// Calls for each item of the journal, and of what is not placed.
pub(super) async fn each_listed(
    snapshot: &mut Snapshot,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<()> {
    let mut rows = Journal::default();
    while let Some(row) = rows.next(snapshot, subject, i64::MAX).await? {
        unpack(&row.items).into_iter().flatten().for_each(&mut call);
    }
    each_unplaced(snapshot, subject, call).await
}

async fn each_unplaced(
    snapshot: &mut Snapshot,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<()> {
    let mut after: i64 = 0;
    loop {
        let values = [id(subject.id), after.into(), limit(ROWS as u64)];
        let rows = snapshot.rows(UNPLACED_AFTER, values).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            after = row.try_get_by_index(0)?;
            let items: Vec<u8> = row.try_get_by_index(1)?;
            unpack(&items)?.into_iter().for_each(&mut call);
        }
    }
}

async fn journal(
    snapshot: &mut Snapshot,
    subject: &Subject,
    after: i64,
) -> Result<Vec<JournalRow>> {
    let values: [Value; 3] = [id(subject.id), after.into(), limit(ROWS as u64)];
    let rows = snapshot.rows(JOURNAL_AFTER, values).await?;
    let row = |row: &QueryResult| {
        let count: i32 = row.try_get_by_index(1)?;
        Ok(JournalRow {
            position: row.try_get_by_index(0)?,
            count: count.into(),
            kinds: row.try_get_by_index(2)?,
            items: row.try_get_by_index(3)?,
        })
    };
    rows.iter().map(row).collect()
}

async fn seals(snapshot: &mut Snapshot, subject: &Subject, after: i64) -> Result<Vec<SealRow>> {
    let rows = snapshot.rows(SEALS_AFTER, [id(subject.id), after.into(), limit(SEALS)]).await?;
    let row = |row: &QueryResult| {
        let (first_position, last_position): (i64, i64) =
            (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        Ok(SealRow {
            number: row.try_get_by_index(0)?,
            first_position,
            last_position,
            count: row.try_get_by_index(9)?,
            sealed_at: row.try_get_by_index(3)?,
            previous_hash: row.try_get_by_index(4)?,
            hash: row.try_get_by_index(5)?,
            signed_by: row.try_get_by_index(6)?,
            signature: row.try_get_by_index(7)?,
            digests: row.try_get_by_index(8)?,
        })
    };
    rows.iter().map(row).collect()
}
