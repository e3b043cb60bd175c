//! What somebody does who has the rights to a database and means no good: past the API, past the
//! triggers. Only tests of what is noticed use it.

use super::{Backend, TestApp, books};
use perennial_core::{Id, MemberId, TransactionId};
use sea_orm::{ConnectionTrait, Statement};

/// Takes away the triggers of a table, which refuse changes, and runs a statement.
pub(crate) async fn tamper(app: &TestApp, backend: Backend, table: &str, sql: &str) {
    for permit in permits(app, backend, table).await {
        books::execute(app, &permit).await.unwrap();
    }
    let db = app.loyalty.db().write();
    let done = db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    assert!(done.rows_affected() > 0, "nothing was changed: {sql}");
}

async fn permits(app: &TestApp, backend: Backend, table: &str) -> Vec<String> {
    if backend == Backend::Postgres {
        return vec![format!("ALTER TABLE {table} DISABLE TRIGGER USER")];
    }
    let reader = app.loyalty.db().read();
    let triggers =
        format!("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '{table}'");
    let triggers = Statement::from_string(reader.get_database_backend(), triggers);
    let rows = reader.query_all_raw(triggers).await.unwrap();
    let name = |row: &sea_orm::QueryResult| row.try_get_by_index::<String>(0).unwrap();
    rows.iter().map(|row| format!("DROP TRIGGER {}", name(row))).collect()
}

/// A transaction's id in SQL.
pub(crate) fn transaction(backend: Backend, id: &str) -> String {
    literal(backend, id.parse::<TransactionId>().unwrap())
}

/// A member's id in SQL.
pub(crate) fn member(backend: Backend, id: &str) -> String {
    literal(backend, id.parse::<MemberId>().unwrap())
}

fn literal(backend: Backend, id: impl Id) -> String {
    let hex = id.uuid().simple();
    match backend {
        Backend::Postgres => format!("'{hex}'::uuid"),
        Backend::Sqlite => format!("x'{hex}'"),
    }
}

/// How many seals there are.
pub(crate) async fn seals(app: &TestApp) -> i64 {
    let reader = app.loyalty.db().read();
    let count = "SELECT CAST(COUNT(*) AS BIGINT) FROM seals";
    let count = Statement::from_string(reader.get_database_backend(), count);
    reader.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}
