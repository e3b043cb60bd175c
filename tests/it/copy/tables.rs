//! Tables as the databases themselves see them, without the code under test.

use crate::support::TestDb;
use perennial_core::db::Database;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// The tables of a database, in order.
pub(super) async fn names_of(db: &TestDb) -> Vec<String> {
    let db = Database::connect(&db.url).await.unwrap();
    let sql = match db.backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text FROM information_schema.tables \
             WHERE table_schema = 'public' ORDER BY table_name COLLATE \"C\""
        }
        _ => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    };
    texts(&db, sql).await
}

/// Checks that PostgreSQL's counters go on behind the rows that are there.
pub(super) async fn assert_counted_on(db: &TestDb) {
    let db = Database::connect(&db.url).await.unwrap();
    let columns = "SELECT table_name || ' ' || column_name FROM information_schema.columns \
                   WHERE table_schema = 'public' AND column_default LIKE 'nextval%'";
    let columns = texts(&db, columns).await;
    assert!(!columns.is_empty(), "there is a counter");
    for column in columns {
        let (table, column) = column.split_once(' ').unwrap();
        let is_behind = format!(
            "SELECT (nextval(pg_get_serial_sequence('{table}', '{column}')) > MAX({column}))::text \
             FROM {table}"
        );
        assert_eq!(texts(&db, &is_behind).await, ["true"], "{table}.{column}");
    }
}

/// Checks that two SQLite files have the same rows in every table, of the same types.
pub(super) async fn assert_same(one: &TestDb, other: &TestDb) {
    let tables = names_of(one).await;
    assert_eq!(tables, names_of(other).await);
    let db = Database::connect(&one.url).await.unwrap();
    let path = other.url.strip_prefix("sqlite:").unwrap();
    db.write().execute_unprepared(&format!("ATTACH '{path}' AS other")).await.unwrap();
    for table in tables.iter().filter(|table| *table != "seaql_migrations") {
        for (here, there) in [("main", "other"), ("other", "main")] {
            let sql = format!(
                "SELECT COUNT(*) FROM (SELECT * FROM {here}.{table} EXCEPT SELECT * FROM {there}.{table})"
            );
            let statement = Statement::from_string(DbBackend::Sqlite, sql);
            let row = db.write().query_one_raw(statement).await.unwrap().unwrap();
            let alone: i64 = row.try_get_by_index(0).unwrap();
            assert_eq!(alone, 0, "rows of {table} that are in {here} only");
        }
    }
}

async fn texts(db: &Database, sql: &str) -> Vec<String> {
    let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
