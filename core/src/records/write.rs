//! Writing records under their members' locks, many with one statement.

use super::{NewRecord, find_many};
use crate::db::rows::{self, Field};
use crate::events::NewEvent;
use crate::members::Locked;
use crate::{MemberId, ProgramId, RecordId, Result, Timestamp};
use sea_orm::{DatabaseTransaction, FromQueryResult};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// A record to be written and who asked for it: a plugin, or nobody but the operator.
#[derive(Debug)]
pub(crate) struct Put<'a> {
    pub(crate) new: &'a NewRecord,
    pub(crate) plugin: Option<&'a str>,
    pub(crate) at: Timestamp,
}

#[derive(FromQueryResult)]
struct Written {
    record_type: String,
    external_id: String,
}

/// Writes records of locked members, in order; answers the events that tell of them. One that is another member's stays as it
/// is, and nobody is told.
pub(crate) async fn put(
    tx: &DatabaseTransaction,
    program: ProgramId,
    locked: &mut BTreeMap<MemberId, Locked>,
    puts: &[Put<'_>],
) -> Result<Vec<NewEvent>> {
    const FIELDS: &rows::Fields = &[
        ("program_id", Field::Id),
        ("id", Field::Id),
        ("record_type", Field::Text),
        ("external_id", Field::Text),
        ("member_id", Field::Id),
        ("data", Field::Json),
        ("at", Field::Int),
    ];
    // What another member's writer did meanwhile decides here, not what was read before.
    const UPSERT: &str = "INSERT INTO records (program_id, id, record_type, external_id, member_id, data, \
         created_at, updated_at) SELECT program_id, id, record_type, external_id, member_id, data, at, at \
         FROM {rows} AS r WHERE true ON CONFLICT (program_id, record_type, external_id) DO UPDATE \
         SET data = excluded.data, updated_at = excluded.updated_at \
         WHERE records.member_id = excluded.member_id RETURNING record_type, external_id";
    let mut known: HashSet<(String, String)> =
        find_many(tx, program, puts.iter().map(|put| put.new.name())).await?.into_keys().collect();
    let last = last_of_each(puts);
    let rows: Vec<_> = last.values().map(|put| put.row(program)).collect();
    let written: Vec<Written> = rows::query(tx, UPSERT, FIELDS, &rows).await?;
    let written: HashSet<(String, String)> =
        written.into_iter().map(|record| (record.record_type, record.external_id)).collect();
    let mut told = Vec::new();
    for put in puts {
        let (record_type, external_id) = put.new.name();
        let name = (record_type.to_owned(), external_id.to_owned());
        let is_owner =
            last.get(&put.new.name()).is_some_and(|last| last.new.member == put.new.member);
        let Some(member) = locked.get_mut(&put.new.member).filter(|_| is_owner) else { continue };
        if written.contains(&name) {
            told.push(put.told(member, known.insert(name)));
        }
    }
    Ok(told)
}

/// What is left of each record at the end; of two members who ask for the same one, the first has it.
fn last_of_each<'a>(puts: &'a [Put<'a>]) -> BTreeMap<(&'a str, &'a str), &'a Put<'a>> {
    let mut last: BTreeMap<_, &Put<'_>> = BTreeMap::new();
    for put in puts {
        let kept = last.entry(put.new.name()).or_insert(put);
        if kept.new.member == put.new.member {
            *kept = put;
        }
    }
    last
}

impl Put<'_> {
    fn row(&self, program: ProgramId) -> Value {
        json!({
            "program_id": rows::hex_text(program),
            "id": rows::hex_text(RecordId::new()),
            "record_type": self.new.record_type,
            "external_id": self.new.external_id,
            "member_id": rows::hex_text(self.new.member),
            "data": self.new.data,
            "at": self.at.microseconds(),
        })
    }

    fn told(&self, member: &mut Locked, is_new: bool) -> NewEvent {
        let NewRecord { record_type, external_id, data, .. } = self.new;
        let data = json!({
            "type": record_type, "externalId": external_id, "data": data, "isNew": is_new,
        });
        let told = NewEvent::of(member, "record-put", self.at, data);
        told.about_record_type(record_type).caused_by(self.plugin)
    }
}
