//! Reading along the journal: seals, rows and what these name, while what was read before is being
//! looked at. So the database and this process work at the same time.

use super::Subject;
use crate::db::{Answers, Look, Snapshot, id, limit};
use crate::journal::{Item, unpack};
use crate::sealing::{Found, ITEMS_MAX, JournalRow, Named, SealRow};
use crate::{Clock, Error, Result};
use sea_orm::{QueryResult, Value};
use tokio::sync::mpsc::Sender;

/// How many seals are read at a time; each has the digests of a block.
const SEALS: u64 = 16;
/// How many rows of the journal are read at a time where nothing is sealed. A row lists up to a
/// hundred items.
const ROWS: usize = 200;

const SEALS_AFTER: &str = "
    SELECT z.number, z.first_position, z.last_position, z.sealed_at, z.previous_hash, z.hash,
        z.signed_by, z.signature, z.digests
    FROM seals AS z
    WHERE z.program_id = $1 AND z.number > $2
    ORDER BY z.number
    LIMIT $3";
const JOURNAL_AFTER: &str = "
    SELECT j.position, j.count, j.kinds, j.items
    FROM journal AS j
    WHERE j.program_id = $1 AND j.position > $2 AND j.position <= $3
    ORDER BY j.position
    LIMIT $4";
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
    Rows(Vec<JournalRow>, Rest),
    /// The rows that follow are not sealed.
    Tail,
    /// What has no position yet.
    Unplaced(Vec<Item>, Rest),
}

/// What items name, as it was answered: looked at later.
pub(super) struct Rest(Option<(Named, Answers)>);

impl Rest {
    pub(super) fn found(self) -> Result<Found> {
        self.0.map_or(Ok(Found::default()), |(named, answers)| named.read(&answers))
    }
}

/// Reads all of it.
pub(super) async fn read(
    snapshot: &mut Snapshot,
    subject: &Subject,
    sender: Sender<Read>,
) -> Result<()> {
    let (mut number, mut after) = (0, 0);
    loop {
        let seals = seals(snapshot, subject, number).await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            number = seal.number;
            let last = seal.last_position;
            pass_on(&sender, Read::Seal(seal)).await?;
            // All of a block at once; it is bounded.
            rows(snapshot, subject, (after, last), ITEMS_MAX, &sender).await?;
            after = after.max(last);
        }
    }
    pass_on(&sender, Read::Tail).await?;
    rows(snapshot, subject, (after, i64::MAX), ROWS, &sender).await?;
    let mut unplaced = Vec::new();
    each_unplaced(snapshot, subject, |item| unplaced.push(item)).await?;
    let rest = named(snapshot, subject, &unplaced).await?;
    pass_on(&sender, Read::Unplaced(unplaced, rest)).await
}

async fn rows(
    snapshot: &mut Snapshot,
    subject: &Subject,
    (mut after, last): (i64, i64),
    most: usize,
    sender: &Sender<Read>,
) -> Result<()> {
    while after < last {
        let rows = journal(snapshot, subject, (after, last), most).await?;
        let Some(end) = rows.last() else { break };
        after = end.position;
        let is_end = rows.len() < most;
        let rest = named(snapshot, subject, &items(&rows)).await?;
        pass_on(sender, Read::Rows(rows, rest)).await?;
        if is_end {
            break;
        }
    }
    Ok(())
}

async fn pass_on(sender: &Sender<Read>, read: Read) -> Result<()> {
    // Whoever no longer receives has failed, and says why.
    sender.send(read).await.map_err(|_| Error::internal("nobody takes what is read"))
}

/// What rows list, but for rows that cannot be read.
pub(super) fn items(rows: &[JournalRow]) -> Vec<Item> {
    rows.iter().filter_map(|row| unpack(&row.items).ok()).flatten().collect()
}

/// Calls for each item of the journal, and of what is not placed.
pub(super) async fn each_listed(
    snapshot: &mut Snapshot,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = journal(snapshot, subject, (after, i64::MAX), ROWS).await?;
        let Some(last) = rows.last() else { break };
        after = last.position;
        items(&rows).into_iter().for_each(&mut call);
    }
    each_unplaced(snapshot, subject, call).await
}

/// Calls for each part of the journal with the transactions that it lists.
pub(super) async fn each_transaction(
    snapshot: &mut Snapshot,
    subject: &Subject,
    mut call: impl FnMut(&[Item], &Found),
) -> Result<()> {
    let is_transaction = |item: &Item| matches!(item, Item::Transaction(_));
    let mut after = 0;
    loop {
        let rows = journal(snapshot, subject, (after, i64::MAX), ROWS).await?;
        let Some(last) = rows.last() else { break };
        after = last.position;
        let items: Vec<_> = items(&rows).into_iter().filter(is_transaction).collect();
        call(&items, &named(snapshot, subject, &items).await?.found()?);
    }
    let mut unplaced = Vec::new();
    let keep = |item| unplaced.extend(Some(item).filter(is_transaction));
    each_unplaced(snapshot, subject, keep).await?;
    call(&unplaced, &named(snapshot, subject, &unplaced).await?.found()?);
    Ok(())
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
    (after, last): (i64, i64),
    most: usize,
) -> Result<Vec<JournalRow>> {
    let values: [Value; 4] = [id(subject.id), after.into(), last.into(), limit(most as u64)];
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
            count: last_position.saturating_sub(first_position).saturating_add(1),
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

async fn named(snapshot: &mut Snapshot, subject: &Subject, items: &[Item]) -> Result<Rest> {
    if items.is_empty() {
        return Ok(Rest(None));
    }
    let mut look = Look::at(subject.id, Clock.now());
    let named = Named::ask(&mut look, items);
    Ok(Rest(Some((named, snapshot.ask(look).await?))))
}
