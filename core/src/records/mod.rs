//! Records: objects whose type a plugin declares – a machine, a subscription, an offer – and that belong to a member.

use crate::db::{rows, select::Select};
use crate::events::{self, NewEvent};
use crate::members::{self, Locked, MemberRef};
use crate::page::{Page, PageRequest};
use crate::plugins;
use crate::{Actor, Code, Error, Loyalty, MemberId, ProgramId, RecordId, Result, Scope, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde_json::{Value, json};

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
        let mut locked = members::lock_one(&tx, program.id, new.member).await?;
        let existing = find(&tx, program.id, &new.record_type, &new.external_id).await?;
        match existing {
            Some(record) if record.member_id != new.member => {
                let why =
                    format!("the {} `{}` is another member's", new.record_type, new.external_id);
                return Err(Error::new(Code::ExternalIdTaken, why).at("externalId"));
            }
            Some(record) if record.data == new.data => return Ok(record),
            _ => {}
        }
        let told = put(&tx, program.id, &mut locked, &new, None, program.now).await?;
        members::store(&tx, program.id, [&locked]).await?;
        events::append(&tx, program.id, vec![told], self.loyalty.now()).await?;
        let record = find(&tx, program.id, &new.record_type, &new.external_id).await?;
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

/// Writes a record of a locked member; answers the event that tells of it. A record of another member stays as it is.
pub(crate) async fn put(
    tx: &DatabaseTransaction,
    program: ProgramId,
    member: &mut Locked,
    new: &NewRecord,
    plugin: Option<&str>,
    at: Timestamp,
) -> Result<NewEvent> {
    const UPSERT: &str = "INSERT INTO records (program_id, id, record_type, external_id, member_id, data, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
         ON CONFLICT (program_id, record_type, external_id) DO UPDATE \
         SET data = excluded.data, updated_at = excluded.updated_at \
         WHERE records.member_id = excluded.member_id";
    let is_new = find(tx, program, &new.record_type, &new.external_id).await?.is_none();
    let values = [
        rows::id(program),
        rows::id(RecordId::new()),
        new.record_type.as_str().into(),
        new.external_id.as_str().into(),
        rows::id(new.member),
        new.data.clone().into(),
        at.into(),
    ];
    tx.execute_raw(rows::sql(tx, UPSERT, values)).await?;
    let data = json!({
        "type": new.record_type, "externalId": new.external_id, "data": new.data, "isNew": is_new,
    });
    let told = NewEvent::of(member, "record-put", at, data);
    Ok(told.about_record_type(&new.record_type).caused_by(plugin))
}

/// Whose a record is, if it exists.
pub(crate) async fn owner(
    loyalty: &Loyalty,
    program: ProgramId,
    record_type: &str,
    external_id: &str,
) -> Result<Option<MemberId>> {
    let found = find(loyalty.db().read(), program, record_type, external_id).await?;
    Ok(found.map(|record| record.member_id))
}

pub(crate) async fn find(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    record_type: &str,
    external_id: &str,
) -> Result<Option<Record>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM records WHERE program_id = $1 AND record_type = $2 AND external_id = $3"
    );
    let values = [rows::id(program), record_type.into(), external_id.into()];
    Ok(Record::find_by_statement(rows::sql(connection, &sql, values)).one(connection).await?)
}
