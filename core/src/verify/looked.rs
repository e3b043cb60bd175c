//! A part of the journal and what its items name: read over a connection of its own, digested and
//! added up, so that all that is left is to compare it in order.

use super::belonging::{Step, step};
use super::listed::{Listed, Side};
use super::reading::{Part, Read};
use super::told::Told;
use super::totals::Totals;
use super::voided::{Void, void};
use crate::db::Snapshot;
use crate::journal::Item;
use crate::sealing::{DIGEST_BYTES, Found, Reading, TransactionFound};
use crate::{AccountId, Points, ProgramId, Result, TransactionId};

/// How parts are looked at.
#[derive(Clone)]
pub(super) struct Looking {
    pub(super) program: ProgramId,
    pub(super) what: What,
    /// Whether somebody was erased in the program.
    pub(super) has_erased: bool,
    /// Sums of nothing, with the keys of this verification.
    pub(super) listed: Listed,
    pub(super) totals: Totals,
    pub(super) told: Told,
}

/// What of a part is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    All,
    /// What accounts gained and lost, and nothing else.
    Moves,
}

/// A part that was looked at.
pub(super) struct Looked {
    pub(super) reads: Vec<Read>,
    /// In the order of the part.
    pub(super) items: Vec<(Item, Seen)>,
    /// What accounts gained and lost, in the order of the journal.
    pub(super) moves: Vec<Move>,
    /// By which moves name types of points.
    pub(super) point_types: Vec<String>,
    pub(super) listed: Listed,
    pub(super) totals: Totals,
    pub(super) told: Told,
    pub(super) voids: Vec<Void>,
    /// What memberships went through, in the order of the part.
    pub(super) steps: Vec<Step>,
}

/// What was found of an item.
pub(super) enum Seen {
    Missing,
    /// Nothing is left to be compared, because somebody was erased.
    Erased,
    /// And what earlier versions made of it, if that is something else.
    Digest([u8; DIGEST_BYTES], Option<[u8; DIGEST_BYTES]>),
}

/// What an entry says of an account.
#[derive(Clone, Copy)]
pub(super) struct Move {
    pub(super) transaction: TransactionId,
    pub(super) seq: i64,
    pub(super) account: AccountId,
    /// Its number among the types of the part.
    pub(super) point_type: usize,
    pub(super) amount: i64,
    pub(super) balance_after: Option<i64>,
}

impl Looking {
    pub(super) async fn look_at(self, part: Part, snapshot: &mut Snapshot) -> Result<Looked> {
        let Self { program, what, has_erased, listed, totals, told } = self;
        let Part { reads, items } = part;
        let mut reading = Reading { snapshot, program, has_erased };
        let found = match what {
            What::All => reading.found(&items).await?,
            What::Moves => reading.moved(&items).await?,
        };
        let mut looked = Looked {
            reads,
            items: Vec::new(),
            moves: Vec::new(),
            point_types: Vec::new(),
            listed,
            totals,
            told,
            voids: Vec::new(),
            steps: Vec::new(),
        };
        for item in &items {
            if let Item::Transaction(id) = item {
                looked.follow(found.transaction(*id));
            }
        }
        if what == What::All {
            looked.compare(items, &found);
        }
        Ok(looked)
    }
}

impl Looked {
    fn follow(&mut self, found: Option<&TransactionFound>) {
        let Some(found) = found else { return };
        for entry in &found.entries {
            let Some(account) = entry.account_id else { continue };
            let point_type = number_of(&mut self.point_types, &entry.point_type);
            self.moves.push(Move {
                transaction: found.row.id,
                seq: entry.seq,
                account,
                point_type,
                amount: entry.amount.get(),
                balance_after: entry.balance_after.map(Points::get),
            });
        }
    }

    fn compare(&mut self, items: Vec<Item>, found: &Found) {
        for item in &items {
            self.listed.add(Side::Journal, item);
            match *item {
                Item::Transaction(id) => {
                    if let Some(of) = found.transaction(id) {
                        self.totals.add_transaction(of);
                        self.told.add_transaction(of);
                        self.voids.extend(void(&of.row));
                    }
                }
                Item::Event { member, seq } => {
                    if let Some(of) = found.event(member, seq) {
                        self.told.add_event(of);
                        self.steps.extend(step(of));
                    }
                }
                Item::Message(_) => (),
            }
        }
        let seen = |item: Item| {
            let seen = match found.digest_of_row(&item) {
                _ if found.is_erased(&item) => Seen::Erased,
                Some(digest) => Seen::Digest(digest, found.digest_of_before(&item)),
                None => Seen::Missing,
            };
            (item, seen)
        };
        self.items = items.into_iter().map(seen).collect();
    }
}

/// The number of a type of points; a program has one, or a few.
pub(super) fn number_of(point_types: &mut Vec<String>, name: &str) -> usize {
    point_types.iter().position(|known| known == name).unwrap_or_else(|| {
        point_types.push(name.to_owned());
        point_types.len() - 1
    })
}
