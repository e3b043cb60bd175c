//! The walk along the journal from its first position to its last: the seals over it, its own order,
//! the rows that it names, and what wallets held after each.

use super::balances::Balances;
use super::belonging::Belonging;
use super::chain::ChainCheck;
use super::listed::{Listed, name};
use super::looked::{Looked, Looking, Seen, What};
use super::reading::{Read, ReadRow, Readers, along};
use super::report::{Fault, First, Progress};
use super::told::Told;
use super::totals::Totals;
use super::voided::Void;
use super::{Request, Subject};
use crate::Result;
use crate::db::Snapshot;
use crate::journal::{Item, kinds};
use crate::sealing::{Block, SealRow};

/// What the walk has met.
pub(super) struct Walk<'w> {
    pub(super) subject: &'w Subject,
    request: &'w Request<'w>,
    pub(super) chain: ChainCheck,
    pub(super) listed: Listed,
    pub(super) totals: Totals,
    pub(super) told: Told,
    pub(super) voids: Vec<Void>,
    pub(super) belonging: Belonging,
    pub(super) balances: Balances,
    /// That whose block comes.
    seal: Option<SealRow>,
    /// The next position, and the first that is not sealed.
    next: i64,
    tail: i64,
    pub(super) items: u64,
    pub(super) order: Option<Fault>,
    pub(super) missing: Option<Fault>,
    pub(super) wrong_balance: Option<Fault>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(
        subject: &'w Subject,
        request: &'w Request<'w>,
        parts: u64,
        told: Told,
    ) -> Self {
        Self {
            subject,
            request,
            chain: ChainCheck::new(subject.id),
            listed: Listed::new(),
            totals: Totals::new(),
            told,
            voids: Vec::new(),
            belonging: Belonging::default(),
            balances: Balances::new(0, parts),
            seal: None,
            next: 1,
            tail: 1,
            items: 0,
            order: None,
            missing: None,
            wrong_balance: None,
        }
    }

    /// How parts are looked at for it.
    pub(super) fn looking(&self, what: What) -> Looking {
        Looking {
            program: self.subject.id,
            what,
            has_erased: self.subject.has_erased,
            listed: self.listed.beside(),
            totals: self.totals.beside(),
            told: self.told.beside(),
        }
    }

    /// Along all seals, and then what is not sealed or not even placed.
    pub(super) async fn all(
        &mut self,
        snapshot: &mut Snapshot,
        readers: &mut Readers,
    ) -> Result<()> {
        let (subject, looking) = (self.subject, self.looking(What::All));
        along(snapshot, readers, subject, &looking, |part| self.follow(part)).await?;
        self.chain.unsealed(self.next.saturating_sub(self.tail), self.request);
        Ok(())
    }

    fn follow(&mut self, part: Looked) {
        let Looked { reads, items, moves, point_types, listed, totals, told, voids, steps } = part;
        self.listed.join(&listed);
        self.told.join(&told);
        self.voids.extend(voids);
        self.belonging.follow(steps);
        self.totals.join(&totals);
        let mut items = items.as_slice();
        for read in reads {
            match read {
                Read::Seal(seal) => {
                    self.end_block();
                    self.chain.link(&seal, self.next, self.request);
                    self.seal = Some(seal);
                }
                Read::Row(row) => {
                    let of_row = items.split_off(..row.items.unwrap_or_default());
                    self.row(&row, of_row.unwrap_or_default());
                }
                Read::Tail => {
                    self.end_block();
                    self.tail = self.next;
                }
                // Nothing is known of their order.
                Read::Unplaced(count) => {
                    let unplaced = items.split_off(..count).unwrap_or_default();
                    self.items(unplaced.iter().map(|(item, seen)| (0, item, seen)));
                }
            }
        }
        if let Some(fault) = self.balances.follow(&moves, &point_types) {
            self.wrong_balance.first(|| fault);
        }
        let done = self.subject.before + self.items;
        (self.request.watch)(Progress { done, of: self.subject.of });
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

    /// Rows are without gaps and say what they have.
    fn row(&mut self, row: &ReadRow, items: &[(Item, Seen)]) {
        let (key, next) = (row.position, self.next);
        if key != next {
            self.order.first(|| Fault::new("journal", key, format!("position {next}"), key));
        }
        self.next = key.saturating_add(row.count);
        if row.items.is_none() {
            self.order.first(|| Fault::new("journal", key, "a list of items", "other bytes"));
            return;
        }
        let (count, bits) = (items.len(), kinds(items.iter().map(|(item, _)| item.kind())));
        if i64::try_from(count) != Ok(row.count) || bits != row.kinds {
            self.order.first(|| {
                let expected = format!("count {count}, kinds {bits}");
                let found = format!("count {}, kinds {}", row.count, row.kinds);
                Fault::new("journal", key, expected, found)
            });
        }
        self.items((key..).zip(items).map(|(position, (item, seen))| (position, item, seen)));
    }

    /// Looks at what items name.
    fn items<'i>(&mut self, items: impl Iterator<Item = (i64, &'i Item, &'i Seen)>) {
        let seal = self.seal.take();
        let block = seal.as_ref().map(|seal| self.chain.block(seal));
        for (position, item, seen) in items {
            self.item(position, item, seen, block.as_ref());
        }
        self.seal = seal;
    }

    fn item(&mut self, position: i64, item: &Item, seen: &Seen, block: Option<&Block<'_>>) {
        self.items += 1;
        match seen {
            Seen::Erased => self.chain.erased += 1,
            Seen::Missing => self.missing.first(|| {
                let (table, key) = name(item);
                Fault::new(table, key, format!("a row, as position {position} says"), "no row")
            }),
            Seen::Digest(digest, before) => {
                if let Some(block) = block {
                    self.chain.compare(block, position, item, (digest, before.as_ref()));
                }
            }
        }
    }

    /// Follows the wallets of another part along the same journal.
    pub(super) async fn balances_of(
        &mut self,
        snapshot: &mut Snapshot,
        readers: &mut Readers,
        mut balances: Balances,
    ) -> Result<Balances> {
        let looking = self.looking(What::Moves);
        let wrong = &mut self.wrong_balance;
        along(snapshot, readers, self.subject, &looking, |part| {
            if let Some(fault) = balances.follow(&part.moves, &part.point_types) {
                wrong.first(|| fault);
            }
        })
        .await?;
        Ok(balances)
    }
}
