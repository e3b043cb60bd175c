//! What was recorded, and the journal that orders it.

use super::execute;
use crate::support::{Backend, TestApp};
use perennial_core::{EventId, Id, MemberId, MessageId, TransactionId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement, TransactionTrait};
use serde_json::Value;
use std::collections::BTreeMap;

/// All that was recorded in a program, by ids.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// Of each member, in its order.
    pub(crate) events: BTreeMap<String, Vec<String>>,
    pub(crate) transactions: Vec<String>,
    pub(crate) messages: Vec<String>,
    /// Each transaction with the event that reports it.
    pub(crate) reported: Vec<(String, String)>,
}

impl Recorded {
    pub(crate) fn all(&self) -> Vec<String> {
        let events = self.events.values().flatten();
        events.chain(&self.transactions).chain(&self.messages).cloned().collect()
    }
}

/// Reads from the tables what was recorded in a program.
pub(crate) async fn recorded(app: &TestApp, program: &str) -> Recorded {
    let rows = async |columns: &str, table: &str, order: &str| -> Vec<QueryResult> {
        let sql = format!(
            "SELECT {columns} FROM {table} AS r JOIN programs AS p ON p.id = r.program_id \
             WHERE p.slug = '{program}' ORDER BY {order}"
        );
        let reader = app.loyalty.db().read();
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        reader.query_all_raw(statement).await.unwrap()
    };
    let mut found = Recorded::default();
    for row in rows("r.id, r.member_id, r.data", "events", "r.member_id, r.member_seq").await {
        let (event, member): (EventId, MemberId) =
            (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        found.events.entry(member.to_string()).or_default().push(event.to_string());
        let data: Value = row.try_get_by_index(2).unwrap();
        if let Some(transaction) = data["transactionId"].as_str() {
            found.reported.push((transaction.to_owned(), event.to_string()));
        }
    }
    for row in rows("r.id", "transactions", "r.id").await {
        found.transactions.push(row.try_get_by_index::<TransactionId>(0).unwrap().to_string());
    }
    for row in rows("r.id", "messages", "r.id").await {
        found.messages.push(row.try_get_by_index::<MessageId>(0).unwrap().to_string());
    }
    found
}

/// An event that is written and not yet committed, on PostgreSQL.
pub(crate) struct LateEvent {
    pub(crate) id: String,
    open: DatabaseTransaction,
}

impl LateEvent {
    pub(crate) async fn begin(app: &TestApp, member: &str) -> Self {
        let (id, member) = (EventId::new(), member.parse::<MemberId>().unwrap().uuid());
        let open = app.loyalty.db().write().begin().await.unwrap();
        let event = format!(
            "INSERT INTO events SELECT program_id, '{}', member_id, member_seq + 1, name, data, \
             occurred_at, recorded_at FROM events WHERE member_id = '{member}' \
             ORDER BY member_seq DESC LIMIT 1",
            id.uuid()
        );
        open.execute_unprepared(&event).await.unwrap();
        let listed = format!(
            "INSERT INTO journal_unplaced (program_id, count, kinds, items) \
             SELECT program_id, 1, 1, '\\x01'::bytea || uuid_send(member_id) || int8send(member_seq) \
             FROM events WHERE id = '{}'",
            id.uuid()
        );
        open.execute_unprepared(&listed).await.unwrap();
        Self { id: id.to_string(), open }
    }

    /// Commits it; returns its id.
    pub(crate) async fn commit(self) -> String {
        self.open.commit().await.unwrap();
        self.id
    }
}

/// Undoes the migration that made the journal, so that it can be made once more.
pub(crate) async fn drop_journal(app: &TestApp) {
    for sql in [
        "DROP TABLE journal",
        "DROP TABLE journal_unplaced",
        "DELETE FROM seaql_migrations WHERE version LIKE '%_journal'",
    ] {
        execute(app, sql).await.unwrap();
    }
}

/// Lists the first event of the journal's first row again, so many times at the end.
pub(crate) async fn repeat_in_journal(app: &TestApp, times: usize) {
    let repeat = format!(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {times} - 1) \
         INSERT INTO journal (program_id, position, count, kinds, items) \
         SELECT j.program_id, (SELECT MAX(position + count) FROM journal) + n.n, 1, 1, j.items \
         FROM journal AS j CROSS JOIN n WHERE j.position = 1"
    );
    execute(app, &repeat).await.unwrap();
}

/// Puts other items into all rows of the journal but the first, as if the database had been restored
/// to an earlier state and had gone on.
pub(crate) async fn rewrite_journal(app: &TestApp, backend: Backend) {
    let permit = match backend {
        Backend::Postgres => "ALTER TABLE journal DISABLE TRIGGER USER",
        Backend::Sqlite => "DROP TRIGGER journal_append_only_update",
    };
    execute(app, permit).await.unwrap();
    let rewrite = "UPDATE journal SET items = (SELECT j.items FROM journal AS j \
                   WHERE j.position = 1) WHERE position > 1";
    execute(app, rewrite).await.unwrap();
}
