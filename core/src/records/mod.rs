//! Records: objects whose type a plugin declares – a machine, a subscription, an offer – and that
//! belong to a member.

mod write;

pub(crate) use write::{Puts, RecordRow, ask_records};

use crate::accounts::{Lots, ask_states};
use crate::context::{Context, Program};
use crate::db::select::Select;
use crate::db::{TryError, id, limit};
use crate::members::{MemberRef, ask_named, the_named};
use crate::operation::{Operation, decide};
use crate::page::{Page, PageRequest};
use crate::runtime::{self, Manifest, RecordKey};
use crate::{Actor, Code, Error, MemberId, RecordId, Result, Scope, Timestamp, text};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// An object of a type that a plugin declares.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Record {
    pub id: RecordId,
    pub record_type: String,
    pub external_id: String,
    pub member_id: MemberId,
    /// Valid against the type's schema.
    pub data: Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A record to be put. Its key is unique in the program; putting it again replaces the data.
#[derive(Clone, Debug)]
pub struct NewRecord {
    pub member: MemberRef,
    pub key: RecordKey,
    pub data: Value,
}

/// The service. Get it from [`crate::Loyalty::records`].
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    pub(crate) context: &'a Context,
}

const COLUMNS: &str = "id, record_type, external_id, member_id, data, created_at, updated_at";

impl Records<'_> {
    /// Creates a record or replaces its data. Putting what is there already changes nothing and
    /// records no event. Fails with `RECORD_TYPE_UNKNOWN`, `RECORD_INVALID`, `MEMBER_NOT_FOUND`,
    /// and `EXTERNAL_ID_TAKEN` when it is another member's.
    pub async fn put(self, actor: &Actor, new: &NewRecord) -> Result<Record> {
        actor.require(Scope::MembersWrite)?;
        text::identifier("externalId", &new.key.external_id)?;
        decide(self.context, actor.program(), "putting a record", |program| {
            self.attempt(program, actor, new)
        })
        .await
    }

    async fn attempt(
        self,
        program: Program,
        actor: &Actor,
        new: &NewRecord,
    ) -> Result<Record, TryError> {
        let manifest = declaring(&program, &new.key.record_type)?;
        let wrong = |error: Error| error.at("data");
        manifest
            .check_record(&new.key.record_type, &new.data)
            .map_err(Error::from)
            .map_err(wrong)?;

        let mut look = self.context.look(program.id);
        let member = ask_named(&mut look, [&new.member]);
        look.table("who", "SELECT id FROM named");
        let states = ask_states(&mut look, Lots::IfDue);
        let records = ask_records(&mut look, [&new.key]);
        let (answers, program) = self.context.ask(&program, look).await?;

        let member = the_named(&answers, member)?;
        let mut puts = Puts::among(answers.rows(records)?);
        if let Some(same) = puts.unchanged(member, &new.key, &new.data) {
            return Ok(same);
        }
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        let now = operation.program().now;
        let record = puts.put(&mut operation, member, &new.key, &new.data, None, now);
        let record = record.map_err(|error| error.at("externalId"))?;
        puts.write(&mut operation);
        operation.commit().await?;
        Ok(record)
    }

    /// A record; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, record: RecordId) -> Result<Option<Record>> {
        let db = &self.context.db;
        let text = format!("SELECT {COLUMNS} FROM records WHERE program_id = $1 AND id = $2");
        let statement = db.sql(&text, [id(actor.program()), id(record)]);
        let found = Record::find_by_statement(statement).one(db.read()).await?;
        Ok(found.filter(|found| actor.require_for(found.member_id, Scope::MembersRead).is_ok()))
    }

    /// A member's records, newest first; of one type, or of all.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        record_type: Option<&str>,
        page: PageRequest<RecordId>,
    ) -> Result<Page<Record>> {
        actor.require_for(member, Scope::MembersRead)?;
        let db = self.context.db.read();
        let statement = Select::new(
            format!("SELECT {COLUMNS} FROM records WHERE program_id = $1 AND member_id = $2"),
            [id(actor.program()), id(member), limit(page.first + 1)],
        )
        .and("record_type = {}", record_type.map(Into::into))
        .and("id < {}", page.after.map(id))
        .ending(db, " ORDER BY id DESC LIMIT $3");
        let found = Record::find_by_statement(statement).all(db).await?;
        Ok(Page::of(found, page.first))
    }
}

impl Record {
    pub(crate) fn key(&self) -> RecordKey {
        RecordKey { record_type: self.record_type.clone(), external_id: self.external_id.clone() }
    }
}

/// That a record's key is in use by another member.
pub(crate) fn taken(key: &RecordKey) -> Error {
    Error::new(Code::ExternalIdTaken, runtime::taken(key))
}

/// The manifest of the enabled plugin that declares a record type. Fails with
/// `RECORD_TYPE_UNKNOWN`.
fn declaring<'p>(program: &'p Program, record_type: &str) -> Result<&'p Manifest> {
    let mut manifests = program.enabled().map(|plugin| &*plugin.component.manifest);
    manifests.find(|manifest| manifest.records.contains_key(record_type)).ok_or_else(|| {
        let why = format!("no plugin of this program declares the record type `{record_type}`");
        Error::new(Code::RecordTypeUnknown, why).at("type")
    })
}
