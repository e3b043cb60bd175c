//! The walk along the journal from its first position to its last: the seals over it, its own order,
//! the rows that it names, and what wallets held after each.

use super::balances::Balances;
use super::chain::ChainCheck;
use super::listed::{Listed, Side, name};
use super::report::{Fault, First, Progress};
use super::snapshot::Snapshot;
use super::{Request, Subject};
use crate::db::{Look, id, limit};
use crate::journal::{Item, kinds, unpack};
use crate::sealing::{Block, Found, ITEMS_MAX, JournalRow, Named, SealRow};
use crate::{Clock, Result, TransactionId};
use sea_orm::Value;

/// How many seals are read at a time; each has the digests of a block.
const SEALS: u64 = 16;
/// How many rows of the journal are read at a time. A row lists up to a hundred items.
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

/// What the walk has met.
pub(super) struct Walk<'w> {
    subject: &'w Subject,
    request: &'w Request<'w>,
    pub(super) chain: ChainCheck,
    pub(super) listed: Listed,
    pub(super) balances: Balances,
    /// The next position.
    next: i64,
    pub(super) items: u64,
    pub(super) entries: u64,
    pub(super) order: Option<Fault>,
    pub(super) missing: Option<Fault>,
    pub(super) wrong_balance: Option<Fault>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(subject: &'w Subject, request: &'w Request<'w>, parts: u64) -> Self {
        Self {
            subject,
            request,
            chain: ChainCheck::new(subject.id),
            listed: Listed::new(),
            balances: Balances::new(0, parts),
            next: 1,
            items: 0,
            entries: 0,
            order: None,
            missing: None,
            wrong_balance: None,
        }
    }

    /// Along all seals, and then what is not sealed or not even placed.
    pub(super) async fn all(&mut self, snapshot: &mut Snapshot<'_>) -> Result<()> {
        let mut after = 0;
        loop {
            let seals = seals(snapshot, self.subject, after).await?;
            let Some(last) = seals.last() else { break };
            after = last.number;
            for seal in &seals {
                self.chain.link(seal, self.next, self.request);
                self.up_to(snapshot, seal.last_position, Some(seal)).await?;
                // A gap was named; what comes behind it is compared all the same.
                self.next = self.next.max(seal.last_position.saturating_add(1));
            }
        }
        let sealed = self.next;
        self.up_to(snapshot, i64::MAX, None).await?;
        self.chain.unsealed(self.next - sealed, self.request);
        self.unplaced(snapshot).await
    }

    /// Along the journal to a position, in parts.
    async fn up_to(
        &mut self,
        snapshot: &mut Snapshot<'_>,
        last: i64,
        seal: Option<&SealRow>,
    ) -> Result<()> {
        // Of a sealed block all at once; it is bounded.
        let most = if seal.is_some() { ITEMS_MAX } else { ROWS };
        let mut after = self.next.saturating_sub(1);
        while after < last {
            let rows = journal(snapshot, self.subject, (after, last), most).await?;
            let items = self.in_order(&rows);
            self.items(snapshot, &items, seal).await?;
            match rows.last() {
                Some(end) if rows.len() == most => after = end.position,
                _ => break,
            }
        }
        if seal.is_some() && self.next <= last {
            let next = self.next;
            self.order.first(|| {
                Fault::new("journal", next, "the positions up to the seal's last", "no row")
            });
        }
        Ok(())
    }

    /// The items of rows with their positions, if the rows are without gaps and say what they have.
    fn in_order(&mut self, rows: &[JournalRow]) -> Vec<(i64, Item)> {
        let mut items = Vec::new();
        for row in rows {
            let (key, next) = (row.position, self.next);
            if key != next {
                self.order.first(|| Fault::new("journal", key, format!("position {next}"), key));
            }
            let Ok(of_row) = unpack(&row.items) else {
                self.order.first(|| Fault::new("journal", key, "a list of items", "other bytes"));
                self.next = key.saturating_add(row.count);
                continue;
            };
            let (count, bits) = (of_row.len(), kinds(of_row.iter().map(Item::kind)));
            if i64::try_from(count) != Ok(row.count) || bits != row.kinds {
                self.order.first(|| {
                    let shown = |count: String, kinds| format!("count {count}, kinds {kinds}");
                    let found = shown(row.count.to_string(), row.kinds);
                    Fault::new("journal", key, shown(count.to_string(), bits), found)
                });
            }
            items.extend((key..).zip(of_row));
            self.next = key.saturating_add(row.count);
        }
        items
    }

    /// Looks at what items name.
    async fn items(
        &mut self,
        snapshot: &mut Snapshot<'_>,
        items: &[(i64, Item)],
        seal: Option<&SealRow>,
    ) -> Result<()> {
        let named: Vec<Item> = items.iter().map(|(_, item)| *item).collect();
        let found = found(snapshot, self.subject, &named).await?;
        let block = seal.map(|seal| self.chain.block(seal));
        for (position, item) in items {
            self.item(*position, item, &found, block.as_ref());
        }
        (self.request.watch)(Progress {
            what: "reading the journal",
            done: self.subject.before + self.items,
            of: self.subject.of,
        });
        Ok(())
    }

    fn item(&mut self, position: i64, item: &Item, found: &Found, block: Option<&Block<'_>>) {
        self.items += 1;
        self.listed.add(Side::Journal, item);
        if found.has(item) {
            if let Some(block) = block {
                self.chain.compare(block, position, item, &found.digest(item));
            }
        } else {
            self.missing.first(|| {
                let (table, key) = name(item);
                Fault::new(table, key, format!("a row, as position {position} says"), "no row")
            });
        }
        if let Item::Transaction(id) = item {
            self.entries += found.entries(*id).len() as u64;
            let wrong = add(&mut self.balances, *id, found);
            if let Some(fault) = wrong {
                self.wrong_balance.first(|| fault);
            }
        }
    }

    /// What has no position yet counts as listed, but nothing is known of its order.
    async fn unplaced(&mut self, snapshot: &mut Snapshot<'_>) -> Result<()> {
        let mut unplaced = Vec::new();
        each_unplaced(snapshot, self.subject, |item| unplaced.push(item)).await?;
        let found = found(snapshot, self.subject, &unplaced).await?;
        for item in &unplaced {
            self.item(0, item, &found, None);
        }
        Ok(())
    }

    /// Follows the wallets of another part along the same journal.
    pub(super) async fn balances_of(
        &mut self,
        snapshot: &mut Snapshot<'_>,
        mut balances: Balances,
    ) -> Result<Balances> {
        let mut transactions = Vec::new();
        let mut after = 0;
        loop {
            let rows = journal(snapshot, self.subject, (after, i64::MAX), ROWS).await?;
            let is_end = rows.is_empty();
            let items = rows.iter().filter_map(|row| unpack(&row.items).ok()).flatten();
            transactions.extend(items.filter(|item| matches!(item, Item::Transaction(_))));
            if let Some(row) = rows.last() {
                after = row.position;
            } else {
                each_unplaced(snapshot, self.subject, |item| {
                    transactions.extend(Some(item).filter(|it| matches!(it, Item::Transaction(_))));
                })
                .await?;
            }
            let found = found(snapshot, self.subject, &transactions).await?;
            for item in transactions.drain(..) {
                let Item::Transaction(id) = item else { continue };
                if let Some(fault) = add(&mut balances, id, &found) {
                    self.wrong_balance.first(|| fault);
                }
            }
            if is_end {
                return Ok(balances);
            }
        }
    }
}

fn add(balances: &mut Balances, id: TransactionId, found: &Found) -> Option<Fault> {
    let mut wrong = None;
    for entry in found.entries(id) {
        let fault = balances.add(id, entry);
        wrong = wrong.or(fault);
    }
    wrong
}

/// Calls for each item of the journal, and of what is not placed.
pub(super) async fn each_listed(
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    mut call: impl FnMut(Item),
) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = journal(snapshot, subject, (after, i64::MAX), ROWS).await?;
        let Some(last) = rows.last() else { break };
        after = last.position;
        rows.iter().filter_map(|row| unpack(&row.items).ok()).flatten().for_each(&mut call);
    }
    each_unplaced(snapshot, subject, call).await
}

async fn each_unplaced(
    snapshot: &mut Snapshot<'_>,
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
    snapshot: &mut Snapshot<'_>,
    subject: &Subject,
    (after, last): (i64, i64),
    most: usize,
) -> Result<Vec<JournalRow>> {
    let values: [Value; 4] = [id(subject.id), after.into(), last.into(), limit(most as u64)];
    let rows = snapshot.rows(JOURNAL_AFTER, values).await?;
    let row = |row: &sea_orm::QueryResult| {
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

async fn seals(snapshot: &mut Snapshot<'_>, subject: &Subject, after: i64) -> Result<Vec<SealRow>> {
    let rows = snapshot.rows(SEALS_AFTER, [id(subject.id), after.into(), limit(SEALS)]).await?;
    let row = |row: &sea_orm::QueryResult| {
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

async fn found(snapshot: &mut Snapshot<'_>, subject: &Subject, items: &[Item]) -> Result<Found> {
    if items.is_empty() {
        return Ok(Found::default());
    }
    let mut look = Look::at(subject.id, Clock.now());
    let named = Named::ask(&mut look, items);
    named.read(&snapshot.ask(look).await?)
}
