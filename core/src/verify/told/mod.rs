//! Whether rows beside the ledger are what the events told when they were written: purchases, edits,
//! returns, redemptions, holds, transfers, merges, referrals, and what is pending; and whether rows that
//! say by what points were spent or given are what the transactions keep as their cause. Events and
//! transactions are sealed; so is what they tell.
//!
//! The walk along the journal reads each event anyway, and each purchase that explains a transaction.
//! Both sides are summed up as hashes, in so many parts, in whatever order they come; where a part
//! differs, it is read once more and compared row by row.
//!
//! Of somebody who was erased neither is compared, for the events are gone: what is left of the rows
//! is amounts, and these are in the books.

mod caused;
mod events;
mod read;
mod rows;
mod says;

use super::Subject;
use super::report::Fault;
use crate::db::{Snapshot, id};
use crate::sealing::{EventRow, TransactionFound};
use crate::{MemberId, ProgramId, Result};
use futures::TryStreamExt;
use rows::Purchases;
use says::Says;
use sea_orm::Value;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use uuid::Uuid;

const PARTS: usize = 1024;
/// How many parts are read once more at a time.
const PARTS_AT_ONCE: usize = 32;

const ERASED: &str = "SELECT z.member_id FROM erasures AS z WHERE z.program_id = $1";
const EVENTS: &str = "
    SELECT v.id, v.member_id, v.member_seq, v.name, CAST(v.data AS TEXT), v.occurred_at,
        v.recorded_at
    FROM events AS v
    WHERE v.program_id = $1 AND v.name IN ({names})";
/// Whose events are another's, or were.
const MERGED: &str = "
    SELECT m.id, m.merged_into
    FROM members AS m
    WHERE m.program_id = $1 AND m.merged_into IS NOT NULL
    UNION
    SELECT g.from_id, g.into_id
    FROM merges AS g
    WHERE g.program_id = $1
    UNION
    SELECT u.member_id, u.survivor_id
    FROM unmerges AS u
    WHERE u.program_id = $1";

/// What events tell, less what rows say.
#[derive(Clone)]
pub(super) struct Told {
    keys: [RandomState; 2],
    parts: Vec<u128>,
    /// How many rows were compared.
    pub(super) rows: u64,
    pub(super) erased: Arc<HashSet<MemberId>>,
    /// Who was merged with somebody, ever.
    pub(super) merged: Arc<HashSet<MemberId>>,
}

#[derive(Clone, Copy)]
enum Side {
    Event,
    Row,
}

impl Told {
    /// Of nothing yet.
    pub(super) async fn of(snapshot: &mut Snapshot, program: ProgramId) -> Result<Self> {
        let mut erased = HashSet::new();
        let mut rows = snapshot.stream(ERASED, [id(program)]);
        while let Some(row) = rows.try_next().await? {
            erased.insert(row.try_get_by_index(0)?);
        }
        drop(rows);
        let mut merged = HashSet::new();
        let mut rows = snapshot.stream(MERGED, [id(program)]);
        while let Some(row) = rows.try_next().await? {
            merged.extend([row.try_get_by_index::<MemberId>(0)?, row.try_get_by_index(1)?]);
        }
        Ok(Self {
            keys: [RandomState::new(), RandomState::new()],
            parts: vec![0; PARTS],
            rows: 0,
            erased: Arc::new(erased),
            merged: Arc::new(merged),
        })
    }

    /// Of nothing yet, with the same keys.
    pub(super) fn beside(&self) -> Self {
        Self { parts: vec![0; PARTS], rows: 0, ..self.clone() }
    }

    /// Adds what others have summed up with the same keys.
    pub(super) fn join(&mut self, others: &Self) {
        for (sum, other) in self.parts.iter_mut().zip(&others.parts) {
            *sum = sum.wrapping_add(*other);
        }
        self.rows += others.rows;
    }

    /// An event that the journal lists.
    pub(super) fn add_event(&mut self, event: &EventRow) {
        let erased = Arc::clone(&self.erased);
        events::tell(event, &erased, |says| self.add(Side::Event, &says));
        if let Some(says) = events::takes_back(event, &erased) {
            self.take_back(&says);
        }
    }

    /// The purchase that explains a transaction which the journal lists, and what that earned.
    pub(super) fn add_transaction(&mut self, found: &TransactionFound) {
        if let Some(says) = rows::of_transaction(found, &self.erased) {
            self.add(Side::Row, &says);
        }
        if let Some(says) = rows::earned(found) {
            self.add(Side::Event, &says);
        }
        let erased = Arc::clone(&self.erased);
        caused::tell(found, &erased, |says| self.add(Side::Event, &says));
    }

    /// All other rows.
    pub(super) async fn add_rows(
        &mut self,
        snapshot: &mut Snapshot,
        program: ProgramId,
    ) -> Result<()> {
        let erased = Arc::clone(&self.erased);
        let add = |_, says| self.add(Side::Row, &says);
        rows::each(snapshot, program, &erased, Purchases::Alone, add).await?;
        rows::each_earning(snapshot, program, |says| self.add(Side::Row, &says)).await
    }

    fn add(&mut self, side: Side, says: &Says) {
        if self.is_unknown(says) {
            return;
        }
        let (number, hash) = (self.part_of(says), self.hash(says));
        let sum = &mut self.parts[number];
        match side {
            Side::Event => *sum = sum.wrapping_add(hash),
            Side::Row => {
                *sum = sum.wrapping_sub(hash);
                self.rows += 1;
            }
        }
    }

    /// What an event told is no longer so.
    fn take_back(&mut self, says: &Says) {
        if !self.is_unknown(says) {
            let (number, hash) = (self.part_of(says), self.hash(says));
            self.parts[number] = self.parts[number].wrapping_sub(hash);
        }
    }

    /// Whether events may tell of another what the row says: of who was merged, the survivor's do.
    fn is_unknown(&self, says: &Says) -> bool {
        matches!(says, Says::Completed(of) if self.merged.contains(&of.referred))
    }

    /// Whether something is said of a row in one of some parts.
    fn is_of(&self, says: &Says, numbers: &[usize]) -> bool {
        numbers.contains(&self.part_of(says)) && !self.is_unknown(says)
    }

    fn part_of(&self, says: &Says) -> usize {
        usize::try_from(self.keys[0].hash_one(says.key()) % PARTS as u64).unwrap_or_default()
    }

    fn hash(&self, says: &Says) -> u128 {
        let [high, low] = [0, 1].map(|key| self.keys[key].hash_one(says));
        (u128::from(high) << 64) | u128::from(low)
    }

    /// Names a row that is not what an event told.
    pub(super) async fn compare(
        &self,
        snapshot: &mut Snapshot,
        subject: &Subject,
    ) -> Result<Option<Fault>> {
        let differ: Vec<_> = (0..PARTS).filter(|number| self.parts[*number] != 0).collect();
        for numbers in differ.chunks(PARTS_AT_ONCE) {
            let all = self.read_again(snapshot, subject.id, numbers).await?;
            if let Some(fault) = all.fault() {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }

    async fn read_again(
        &self,
        snapshot: &mut Snapshot,
        program: ProgramId,
        numbers: &[usize],
    ) -> Result<Again> {
        let mut again = Again { said: BTreeMap::new(), excused: HashSet::new() };
        if !self.erased.is_empty() {
            again.excused = HashSet::clone(&self.merged);
        }
        let names = events::TELLING.map(|name| format!("'{name}'")).join(", ");
        let values: [Value; 1] = [id(program)];
        let mut rows = snapshot.stream(&EVENTS.replace("{names}", &names), values);
        while let Some(row) = rows.try_next().await? {
            let event = EventRow {
                id: row.try_get_by_index(0)?,
                member_id: row.try_get_by_index(1)?,
                member_seq: row.try_get_by_index(2)?,
                name: row.try_get_by_index(3)?,
                data: row.try_get_by_index(4)?,
                occurred_at: row.try_get_by_index(5)?,
                recorded_at: row.try_get_by_index(6)?,
            };
            if !self.erased.is_empty() && event.name.starts_with("members-") {
                again.excused.insert(event.member_id);
            }
            events::tell(&event, &self.erased, |says| {
                if self.is_of(&says, numbers) {
                    again.count(event.member_id, says, 1);
                }
            });
            let taken_back = events::takes_back(&event, &self.erased);
            if let Some(says) = taken_back.filter(|says| self.is_of(says, numbers)) {
                again.count(event.member_id, says, -1);
            }
        }
        drop(rows);
        rows::each(snapshot, program, &self.erased, Purchases::All, |member, says| {
            if self.is_of(&says, numbers) {
                again.count(member, says, -1);
            }
        })
        .await?;
        // Of these nobody is excused.
        let of_nobody = MemberId::FIRST;
        rows::each_of_transactions(snapshot, program, |says| {
            if self.is_of(&says, numbers) {
                again.count(of_nobody, says, 1);
            }
        })
        .await?;
        rows::each_earning(snapshot, program, |says| {
            if self.is_of(&says, numbers) {
                again.count(of_nobody, says, -1);
            }
        })
        .await?;
        caused::each(snapshot, program, &self.erased, |says| {
            if self.is_of(&says, numbers) {
                again.count(of_nobody, says, 1);
            }
        })
        .await?;
        Ok(again)
    }
}

/// What is said of one row, how often more by events than by rows, and of whom.
type Sayings = Vec<(MemberId, Says, i64)>;

/// Parts that were read once more.
struct Again {
    said: BTreeMap<(u8, Uuid), Sayings>,
    /// Who was merged, where somebody was erased: the events may have been at the one, and gone with
    /// that one, and the rows the other's.
    excused: HashSet<MemberId>,
}

impl Again {
    fn count(&mut self, member: MemberId, says: Says, times: i64) {
        let key = says.key();
        let all = self.said.entry(key).or_default();
        match all.iter().position(|(_, known, _)| *known == says) {
            Some(index) => {
                all[index].2 += times;
                if all[index].2 == 0 {
                    all.swap_remove(index);
                }
            }
            None => all.push((member, says, times)),
        }
        if all.is_empty() {
            self.said.remove(&key);
        }
    }

    fn fault(&self) -> Option<Fault> {
        self.said.values().find_map(|all| {
            let told = all.iter().find(|(_, _, times)| *times > 0);
            let row = all.iter().find(|(_, _, times)| *times < 0);
            let is_excused = |(member, _, _): &(MemberId, Says, i64)| self.excused.contains(member);
            let (expected, found, says) = match (told, row) {
                (Some((_, told, _)), Some((_, row, _))) => (told.shown(), row.shown(), row),
                (Some(one @ (_, told, _)), None) if !is_excused(one) => {
                    (told.shown(), "no row".to_owned(), told)
                }
                (None, Some(one @ (_, row, _))) if !is_excused(one) => {
                    ("an event that tells of it".to_owned(), row.shown(), row)
                }
                _ => return None,
            };
            let (table, key) = says.of();
            Some(Fault::new(table, key, expected, found))
        })
    }
}
