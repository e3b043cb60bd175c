//! Answering what a plugin looks up while it runs: about the member that the call is about, and of the
//! service network.

use super::centers::service_centers;
use super::states::StateKey;
use crate::accounts::{MemberState, PointsPolicy};
use crate::context::{Context, Enabled, Program};
use crate::db::id;
use crate::db::select::Select;
use crate::page::{Page, PageRequest};
use crate::runtime::{
    Balance, Fault, FaultKind, Found, LookUps, PastPurchase, Question, RecordKey, StoredRecord,
    fitting, look_up,
};
use crate::{Error, MemberId, PurchaseId, Result};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// What a plugin can look up of a member. Balances are those of the state that the call is made with;
/// all else is as it is when it is asked for.
pub(super) struct OfMember<'a> {
    pub(super) context: &'a Context,
    pub(super) program: &'a Program,
    pub(super) plugin: &'a Enabled,
    pub(super) member: MemberId,
    pub(super) state: &'a MemberState,
}

#[derive(FromQueryResult)]
struct RecordRow {
    record_type: String,
    external_id: String,
    data: Value,
    state: Option<Value>,
}

#[derive(FromQueryResult)]
struct ValueRow {
    data: Value,
}

/// With what the plugin keeps of them.
const RECORDS: &str = "
    SELECT o.record_type, o.external_id, o.data, s.data AS state
    FROM records AS o
    LEFT JOIN plugin_states AS s ON s.program_id = $1 AND s.plugin_id = $3 AND s.member_id = $2
        AND s.subject = o.record_type || '/' || o.external_id
    WHERE o.program_id = $1 AND o.member_id = $2 AND o.record_type = $4";
/// In the order in which they were made.
const AFTER: &str = "o.id > (
        SELECT f.id
        FROM records AS f
        WHERE f.program_id = $1 AND f.record_type = $4 AND f.external_id = {}
    )";
const VALUE: &str = "
    SELECT s.data
    FROM plugin_states AS s
    WHERE s.program_id = $1 AND s.plugin_id = $3 AND s.member_id = $2 AND s.subject = $4";

#[async_trait::async_trait]
impl LookUps for OfMember<'_> {
    async fn look_up(&self, question: &Question) -> Result<Found, Fault> {
        let found = match question {
            Question::Record(key) => self.record(key).await,
            Question::Records { record_type, after, limit } => {
                self.records(record_type, after.as_deref(), *limit).await
            }
            Question::Purchases { after, limit } => {
                let after = after.as_deref().map(purchase_id).transpose()?;
                self.purchases(after, *limit).await
            }
            Question::Balances => Ok(Found::Balances(self.balances())),
            Question::Value(key) => self.value(key).await,
            Question::Centers { query, limit } => {
                service_centers(self.context, self.program.id, query, *limit).await
            }
        };
        found.map_err(|error| unanswered(&error))
    }
}

impl OfMember<'_> {
    async fn record(&self, key: &RecordKey) -> Result<Found> {
        let select = self.of_type(&key.record_type);
        let select = select.and("o.external_id = {}", Some(key.external_id.as_str().into()));
        let record = self.read(select, "").await?.pop();
        Ok(Found::Record(record))
    }

    async fn records(&self, record_type: &str, after: Option<&str>, rows: u32) -> Result<Found> {
        let select = self.of_type(record_type).and(AFTER, after.map(Into::into));
        let ending = format!(" ORDER BY o.id LIMIT {}", u64::from(rows) + 1);
        let found = self.read(select, &ending).await?;
        Ok(Found::Records(fitting(found, rows, StoredRecord::bytes)))
    }

    fn of_type(&self, record_type: &str) -> Select {
        let (program, member) = (id(self.program.id), id(self.member));
        let plugin = self.plugin.id.as_str().into();
        Select::new(RECORDS, [program, member, plugin, record_type.into()])
    }

    async fn read(&self, select: Select, ending: &str) -> Result<Vec<StoredRecord>> {
        let db = self.context.db.read();
        let found = RecordRow::find_by_statement(select.ending(db, ending)).all(db).await?;
        Ok(found.into_iter().map(StoredRecord::from).collect())
    }

    async fn purchases(&self, after: Option<PurchaseId>, rows: u32) -> Result<Found> {
        let page = PageRequest { first: rows.into(), after };
        let Self { context, program, member, .. } = self;
        let Page { items, has_more } =
            context.bought.of_member(context, program, *member, page).await?;
        let fitting = fitting(items, rows, PastPurchase::bytes);
        let has_more = fitting.has_more || has_more;
        Ok(Found::Purchases(look_up::Page { has_more, ..fitting }))
    }

    fn balances(&self) -> Vec<Balance> {
        let balance = |PointsPolicy { point_type, .. }: &PointsPolicy| Balance {
            point_type: point_type.id().to_owned(),
            points: self.state.balance(point_type).get(),
            pending: self.state.pending(point_type).get(),
            held: self.state.held(point_type).get(),
        };
        self.program.definition.point_types().map(balance).collect()
    }

    async fn value(&self, key: &str) -> Result<Found> {
        let StateKey { plugin_id, member_id, subject } =
            StateKey::of_value(&self.plugin.id, self.member, key);
        let db = &self.context.db;
        let values = [id(self.program.id), id(member_id), plugin_id.into(), subject.into()];
        let found = ValueRow::find_by_statement(db.sql(VALUE, values)).one(db.read()).await?;
        Ok(Found::Value(found.map(|row| row.data)))
    }
}

/// That a question could not be answered, through no fault of the plugin.
pub(crate) fn unanswered(error: &Error) -> Fault {
    let why = error.detail().unwrap_or_else(|| error.message().to_owned());
    Fault::new(FaultKind::Host, why)
}

fn purchase_id(text: &str) -> Result<PurchaseId, Fault> {
    text.parse().map_err(|_| {
        let why = format!("`{text}` is no id of a purchase");
        Fault::new(FaultKind::NotAllowed, why)
    })
}

impl From<RecordRow> for StoredRecord {
    fn from(row: RecordRow) -> Self {
        let RecordRow { record_type, external_id, data, state } = row;
        Self { key: RecordKey { record_type, external_id }, data, state }
    }
}
