//! Where a text stands in a database: in which columns of which tables, whatever their types.

use crate::support::TestApp;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// The tables of a database with their columns, as it says itself.
pub(super) async fn columns(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let sql = match app.loyalty.db().backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = 'public'"
        }
        _ => {
            "SELECT m.name, c.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c \
             WHERE m.type = 'table'"
        }
    };
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(app, sql).await {
        let (table, column) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        columns.entry(table).or_default().push(column);
    }
    columns
}

/// The places, as `table.column`, in which a text stands, as text or as bytes.
pub(crate) async fn places(app: &TestApp, text: &str) -> BTreeSet<String> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let is_postgres = app.loyalty.db().backend() == DbBackend::Postgres;
    let mut places = BTreeSet::new();
    for (table, columns) in columns(app).await {
        for column in columns {
            let held = match is_postgres {
                true => format!(
                    "CAST(\"{column}\" AS TEXT) ILIKE '%{text}%' \
                     OR CAST(\"{column}\" AS TEXT) LIKE '%{hex}%'"
                ),
                false => format!(
                    "CAST(\"{column}\" AS TEXT) LIKE '%{text}%' OR HEX(\"{column}\") LIKE '%{hex}%'"
                ),
            };
            let sql = format!("SELECT 1 FROM \"{table}\" WHERE {held} LIMIT 1");
            if !rows(app, &sql).await.is_empty() {
                places.insert(format!("{table}.{column}"));
            }
        }
    }
    places
}

pub(super) async fn rows(app: &TestApp, sql: &str) -> Vec<sea_orm::QueryResult> {
    let db = app.loyalty.db().write();
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
}
