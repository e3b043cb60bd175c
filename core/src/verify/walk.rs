//! The walk along the journal from its first position to its last: the seals over it, its own order,
//! the rows that it names, and what wallets held after each.

use super::balances::Balances;
use super::chain::ChainCheck;
use super::listed::{Listed, Side, name};
use super::reading::{Read, each_transaction, read};
use super::report::{Fault, First, Progress};
use super::{Request, Subject};
use crate::db::Snapshot;
use crate::journal::{Item, kinds, unpack};
use crate::sealing::{Block, Found, JournalRow, SealRow};
use crate::{Result, TransactionId};
use tokio::sync::mpsc::{Receiver, channel};

/// Parts that wait between whoever reads and whoever looks at them.
const PARTS_WAITING: usize = 2;

/// What the walk has met.
pub(super) struct Walk<'w> {
    subject: &'w Subject,
    request: &'w Request<'w>,
    pub(super) chain: ChainCheck,
    pub(super) listed: Listed,
    pub(super) balances: Balances,
    /// That whose block comes.
    seal: Option<SealRow>,
    /// The next position, and the first that is not sealed.
    next: i64,
    tail: i64,
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
            seal: None,
            next: 1,
            tail: 1,
            items: 0,
            entries: 0,
            order: None,
            missing: None,
            wrong_balance: None,
        }
    }

    /// Along all seals, and then what is not sealed or not even placed.
    pub(super) async fn all(&mut self, snapshot: &mut Snapshot) -> Result<()> {
        let (sender, parts) = channel(PARTS_WAITING);
        let reading = read(snapshot, self.subject, sender);
        tokio::try_join!(reading, self.follow(parts))?;
        self.chain.unsealed(self.next.saturating_sub(self.tail), self.request);
        Ok(())
    }

    async fn follow(&mut self, mut parts: Receiver<Read>) -> Result<()> {
        while let Some(part) = parts.recv().await {
            match part {
                Read::Seal(seal) => {
                    self.end_block();
                    self.chain.link(&seal, self.next, self.request);
                    self.seal = Some(seal);
                }
                Read::Rows(rows, rest) => {
                    let items = self.in_order(&rows);
                    self.items(&items, &rest.found()?);
                }
                Read::Tail => {
                    self.end_block();
                    self.tail = self.next;
                }
                // Nothing is known of their order.
                Read::Unplaced(items, rest) => {
                    let items: Vec<_> = items.into_iter().map(|item| (0, item)).collect();
                    self.items(&items, &rest.found()?);
                }
            }
        }
        Ok(())
    }

    /// A seal covers positions that are there.
    fn end_block(&mut self) {
        let Some(seal) = self.seal.take() else { return };
        let next = self.next;
        if next <= seal.last_position {
            self.order.first(|| {
                let expected = format!("positions up to {}", seal.last_position);
                Fault::new("journal", next, expected, "no row")
            });
            // What comes behind the gap is compared all the same.
            self.next = seal.last_position.saturating_add(1);
        }
    }

    /// The items of rows with their positions; rows are without gaps and say what they have.
    fn in_order(&mut self, rows: &[JournalRow]) -> Vec<(i64, Item)> {
        let mut items = Vec::new();
        for row in rows {
            let (key, next) = (row.position, self.next);
            if key != next {
                self.order.first(|| Fault::new("journal", key, format!("position {next}"), key));
            }
            self.next = key.saturating_add(row.count);
            let Ok(of_row) = unpack(&row.items) else {
                self.order.first(|| Fault::new("journal", key, "a list of items", "other bytes"));
                continue;
            };
            let (count, bits) = (of_row.len(), kinds(of_row.iter().map(Item::kind)));
            if i64::try_from(count) != Ok(row.count) || bits != row.kinds {
                self.order.first(|| {
                    let expected = format!("count {count}, kinds {bits}");
                    let found = format!("count {}, kinds {}", row.count, row.kinds);
                    Fault::new("journal", key, expected, found)
                });
            }
            items.extend((key..).zip(of_row));
        }
        items
    }

    /// Looks at what items name.
    fn items(&mut self, items: &[(i64, Item)], found: &Found) {
        let seal = self.seal.take();
        let block = seal.as_ref().map(|seal| self.chain.block(seal));
        for (position, item) in items {
            self.item(*position, item, found, block.as_ref());
        }
        self.seal = seal;
        let done = self.subject.before + self.items;
        (self.request.watch)(Progress { done, of: self.subject.of });
    }

    fn item(&mut self, position: i64, item: &Item, found: &Found, block: Option<&Block<'_>>) {
        self.items += 1;
        self.listed.add(Side::Journal, item);
        if found.is_erased(item) {
            self.chain.erased += 1;
        } else if !found.has(item) {
            self.missing.first(|| {
                let (table, key) = name(item);
                Fault::new(table, key, format!("a row, as position {position} says"), "no row")
            });
        } else if let Some(block) = block {
            self.chain.compare(block, position, item, &found.digest(item));
        }
        if let Item::Transaction(id) = item {
            self.entries += found.entries(*id).len() as u64;
            if let Some(fault) = add(&mut self.balances, *id, found) {
                self.wrong_balance.first(|| fault);
            }
        }
    }

    /// Follows the wallets of another part along the same journal.
    pub(super) async fn balances_of(
        &mut self,
        snapshot: &mut Snapshot,
        mut balances: Balances,
    ) -> Result<Balances> {
        let wrong = &mut self.wrong_balance;
        each_transaction(snapshot, self.subject, |items, found| {
            for item in items {
                let Item::Transaction(id) = item else { continue };
                if let Some(fault) = add(&mut balances, *id, found) {
                    wrong.first(|| fault);
                }
            }
        })
        .await?;
        Ok(balances)
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
