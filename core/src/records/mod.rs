//! Records: objects whose type a plugin declares – a machine, a subscription, an offer – and that belong to a member.

mod write;

pub(crate) use write::{Put, put};

use crate::db::rows::{self, Field};
use crate::db::select::Select;
use crate::events;
use crate::members::{self, MemberRef};
use crate::page::{Page, PageRequest};
use crate::plugins;
use crate::{Actor, Code, Error, Loyalty, MemberId, ProgramId, RecordId, Result, Scope, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

const EXTERNAL_ID_MAX: usize = 128;

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

/// A record to be put. The external id is the key: putting it again replaces the data.
#[derive(Clone, Debug)]
pub struct NewRecord {
    pub member: MemberId,
    pub record_type: String,
    pub external_id: String,
    pub data: Value,
}

/// The service. Get it from [`Loyalty::records`].
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl NewRecord {
    /// Its type and external id.
    pub(crate) fn name(&self) -> (&str, &str) {
        (&self.record_type, &self.external_id)
    }

    /// That its external id names a record of someone else.
    pub(crate) fn taken(&self) -> Error {
        let why = format!("the {} `{}` is another member's", self.record_type, self.external_id);
        Error::new(Code::ExternalIdTaken, why)
    }

    async fn stored(
        &self,
        connection: &impl ConnectionTrait,
        program: ProgramId,
    ) -> Result<Option<Record>> {
        Ok(find_many(connection, program, [self.name()]).await?.into_values().next())
    }
}

const COLUMNS: &str = "id, record_type, external_id, member_id, data, created_at, updated_at";

impl Records<'_> {
    /// Creates a record or replaces its data. Putting what is there already changes nothing and tells nobody. Fails with
    /// `RECORD_TYPE_UNKNOWN`, `RECORD_INVALID`, and `EXTERNAL_ID_TAKEN` when it is another member's.
    pub async fn put(
        self,
        actor: &Actor,
        member: &MemberRef,
        mut new: NewRecord,
    ) -> Result<Record> {
        actor.require(Scope::MembersWrite)?;
        if new.external_id.trim().is_empty() || new.external_id.chars().count() > EXTERNAL_ID_MAX {
            let why = format!("use 1 to {EXTERNAL_ID_MAX} characters");
            return Err(Error::new(Code::InvalidInput, why).at("externalId"));
        }
        let program = self.loyalty.programs().current(actor.program()).await?;
        let manifest = plugins::declaring(self.loyalty, program.id, &new.record_type).await?;
        manifest.check_record(&new.record_type, &new.data).map_err(|error| error.at("data"))?;
        new.member = self.loyalty.members().resolve(actor, member).await?;
        let tx = self.loyalty.db().begin().await?;
        let mut locked = members::lock(&tx, program.id, &[new.member]).await?;
        match new.stored(&tx, program.id).await? {
            Some(record) if record.member_id == new.member && record.data == new.data => {
                return Ok(record);
            }
            _ => {}
        }
        let asked = Put { new: &new, plugin: None, at: program.now };
        let told = put(&tx, program.id, &mut locked, &[asked]).await?;
        if told.is_empty() {
            return Err(new.taken().at("externalId"));
        }
        members::store(&tx, program.id, locked.values()).await?;
        events::append(&tx, program.id, told, self.loyalty.now()).await?;
        let record = new.stored(&tx, program.id).await?;
        tx.commit().await?;
        self.loyalty.wake();
        record.ok_or_else(|| Error::internal("a record that was put is not there"))
    }

    /// A record; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, id: RecordId) -> Result<Option<Record>> {
        let db = self.loyalty.db().read();
        let sql = format!("SELECT {COLUMNS} FROM records WHERE program_id = $1 AND id = $2");
        let values = [rows::id(actor.program()), rows::id(id)];
        let found = Record::find_by_statement(rows::sql(db, &sql, values)).one(db).await?;
        Ok(found.filter(|found| actor.require_for(found.member_id, Scope::Read).is_ok()))
    }

    /// A member's records, the newest first; of one type, or of all.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        record_type: Option<&str>,
        page: PageRequest<RecordId>,
    ) -> Result<Page<Record>> {
        actor.require_for(member, Scope::Read)?;
        let db = self.loyalty.db().read();
        let statement = Select::new(
            format!("SELECT {COLUMNS} FROM records WHERE program_id = $1 AND member_id = $2"),
            [rows::id(actor.program()), rows::id(member), rows::limit(page.first + 1)],
        )
        .and("record_type = {}", record_type.map(Into::into))
        .and("id < {}", page.after.map(rows::id))
        .ending(db, " ORDER BY id DESC LIMIT $3");
        let found = Record::find_by_statement(statement).all(db).await?;
        Ok(Page::of(found, page.first))
    }
}

/// How records are named: program, type and external id.
const KEY: &rows::Fields =
    &[("program_id", Field::Id), ("record_type", Field::Text), ("external_id", Field::Text)];

/// The records of these types and external ids, by both; unknown ones are left out.
pub(crate) async fn find_many(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    names: impl IntoIterator<Item = (&str, &str)>,
) -> Result<HashMap<(String, String), Record>> {
    const SELECT: &str = "SELECT o.id, o.record_type, o.external_id, o.member_id, o.data, o.created_at, o.updated_at \
         FROM {rows} AS r JOIN records o ON o.program_id = r.program_id \
         AND o.record_type = r.record_type AND o.external_id = r.external_id";
    let key = |(record_type, external_id)| {
        json!({
            "program_id": rows::hex_text(program), "record_type": record_type, "external_id": external_id,
        })
    };
    let keys: Vec<_> = names.into_iter().collect::<BTreeSet<_>>().into_iter().map(key).collect();
    let found: Vec<Record> = rows::query(connection, SELECT, KEY, &keys).await?;
    let named = |record: Record| ((record.record_type.clone(), record.external_id.clone()), record);
    Ok(found.into_iter().map(named).collect())
}
