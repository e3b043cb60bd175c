//! Writing records in an operation of their members.

use super::{Record, taken};
use crate::db::{Look, Question, row};
use crate::events::Reach;
use crate::facts::RecordPut;
use crate::operation::Operation;
use crate::runtime::RecordKey;
use crate::{MemberId, RecordId, Result, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

row! {
    /// The key of a record in a look.
    pub(crate) struct RecordKeyRow {
        record_type: String,
        external_id: String,
    }
}

row! {
    /// A record as a look reads it.
    pub(crate) struct RecordRow {
        id: RecordId,
        record_type: String,
        external_id: String,
        member_id: MemberId,
        data: Value,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

const RECORDS: &str = "
    SELECT o.id, o.record_type, o.external_id, o.member_id, o.data, o.created_at, o.updated_at
    FROM {rows} AS k EACH records AS o
    WHERE o.program_id = $1 AND o.record_type = k.record_type AND o.external_id = k.external_id";
/// A new record whose key somebody else has taken meanwhile is refused by that key.
const PUT: &str = "
    INSERT INTO records (program_id, id, record_type, external_id, member_id, data, created_at,
        updated_at)
    SELECT $1, id, record_type, external_id, member_id, data, created_at, updated_at
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, id) DO UPDATE
    SET data = excluded.data, updated_at = excluded.updated_at";

/// Asks for the records with these keys.
pub(crate) fn ask_records<'k>(
    look: &mut Look,
    keys: impl IntoIterator<Item = &'k RecordKey>,
) -> Question<RecordRow> {
    let keys: BTreeSet<_> = keys.into_iter().collect();
    let keys: Vec<_> = keys.into_iter().map(RecordKeyRow::of).collect();
    look.ask_over(RECORDS, &keys)
}

/// Records that an operation puts, among those that a look found.
#[derive(Debug, Default)]
pub(crate) struct Puts {
    known: BTreeMap<RecordKey, Record>,
    changed: BTreeSet<RecordKey>,
}

impl Puts {
    pub(crate) fn among(found: Vec<RecordRow>) -> Self {
        let known = found.into_iter().map(Record::from).map(|record| (record.key(), record));
        Self { known: known.collect(), changed: BTreeSet::new() }
    }

    /// The record, if this member has it with the same data.
    pub(crate) fn unchanged(
        &self,
        member: MemberId,
        key: &RecordKey,
        data: &Value,
    ) -> Option<Record> {
        let is_same = |known: &&Record| known.member_id == member && known.data == *data;
        self.known.get(key).filter(is_same).cloned()
    }

    /// Whether a record belongs to somebody else.
    pub(crate) fn is_foreign(&self, member: MemberId, key: &RecordKey) -> bool {
        self.known.get(key).is_some_and(|known| known.member_id != member)
    }

    /// Creates a record or replaces its data, and records the fact. `plugin` caused it, and does
    /// not receive the event. Fails with `EXTERNAL_ID_TAKEN` when it is another member's.
    pub(crate) fn put(
        &mut self,
        operation: &mut Operation<'_>,
        member: MemberId,
        key: &RecordKey,
        data: &Value,
        plugin: Option<&str>,
        at: Timestamp,
    ) -> Result<Record> {
        if self.is_foreign(member, key) {
            return Err(taken(key));
        }
        let known = self.known.get(key);
        let is_new = known.is_none();
        let record = Record {
            id: known.map_or_else(RecordId::new, |known| known.id),
            record_type: key.record_type.clone(),
            external_id: key.external_id.clone(),
            member_id: member,
            data: data.clone(),
            created_at: known.map_or(at, |known| known.created_at),
            updated_at: at,
        };
        let fact = RecordPut {
            record_type: key.record_type.clone(),
            external_id: key.external_id.clone(),
            data: data.clone(),
            is_new,
        };
        let reach = plugin.map_or(Reach::All, |plugin| Reach::AllBut(plugin.to_owned()));
        operation.record_for(reach, member, at, fact)?;
        self.known.insert(key.clone(), record.clone());
        self.changed.insert(key.clone());
        Ok(record)
    }

    /// Adds what was put to the operation, each record once.
    pub(crate) fn write(self, operation: &mut Operation<'_>) {
        for record in self.changed.iter().filter_map(|key| self.known.get(key)) {
            operation.run(PUT, &RecordRow::from(record));
        }
    }
}

impl RecordKeyRow {
    fn of(key: &RecordKey) -> Self {
        Self { record_type: key.record_type.clone(), external_id: key.external_id.clone() }
    }
}

impl From<RecordRow> for Record {
    fn from(row: RecordRow) -> Self {
        Self {
            id: row.id,
            record_type: row.record_type,
            external_id: row.external_id,
            member_id: row.member_id,
            data: row.data,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Record> for RecordRow {
    fn from(record: &Record) -> Self {
        Self {
            id: record.id,
            record_type: record.record_type.clone(),
            external_id: record.external_id.clone(),
            member_id: record.member_id,
            data: record.data.clone(),
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
