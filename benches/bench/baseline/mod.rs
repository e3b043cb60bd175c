//! What somebody would write by hand for one of the platform's jobs alone, with tables of its own:
//! what the database and the driver can do, with no platform around it.

pub(crate) mod earn;
pub(crate) mod pgbench;
pub(crate) mod status;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait,
    Value,
};

/// As many as the platform opens.
const CONNECTIONS_MAX: u32 = 16;
/// Rows per statement while tables are filled.
const ROWS_MAX: usize = 1000;

/// Connects with the platform's driver and settings. A connection is not asked whether it still
/// lives before it is used: by hand, nobody would.
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(CONNECTIONS_MAX)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("cache_size", "-16384")
        });
    // Boxed, for connecting takes a future of many kilobytes.
    Box::pin(Database::connect(options)).await.expect("a database")
}

/// Inserts rows, many at a time, in one transaction.
pub(crate) async fn fill(
    db: &DatabaseConnection,
    table: &str,
    columns: usize,
    rows: impl Iterator<Item = Vec<Value>>,
) {
    let tx = db.begin().await.expect("a transaction");
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let values: Vec<Value> = rows.by_ref().take(ROWS_MAX).flatten().collect();
        let row = |first: usize| {
            let parameters: Vec<_> = (1..=columns).map(|n| format!("${}", first + n)).collect();
            format!("({})", parameters.join(", "))
        };
        let places: Vec<_> = (0..values.len()).step_by(columns).map(row).collect();
        let sql = format!("INSERT INTO {table} VALUES {}", places.join(", "));
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        tx.execute_raw(statement).await.expect("rows");
    }
    tx.commit().await.expect("a commit");
}
