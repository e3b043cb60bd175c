//! Connections, and the two ways over them: a `Look` asks all that a decision needs, `Writes` write
//! all that it makes true.
//!
//! SQLite has one connection that writes and a pool that reads; PostgreSQL has one pool for both.

mod field;
mod look;
mod retry;
mod row;
pub(crate) mod select;
mod sql;
mod statistics;
mod texts;
mod write;
mod writes;

pub(crate) use field::{Field, Kind, push};
pub(crate) use look::{Answers, Look, Question};
pub(crate) use retry::{Rounds, retry};
pub(crate) use row::{Column, JsonRows, Row, TableRow, next_column, row};
pub(crate) use write::TryError;
pub(crate) use writes::Writes;

use crate::{Code, Error, Id, Result};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqlErr, Statement, Value,
    sqlx,
};
use std::sync::Arc;
use std::time::Duration;
use texts::Texts;
use tokio::sync::Mutex;

/// The most connections that one process opens for reading (SQLite) or for everything (PostgreSQL).
const CONNECTIONS_MAX: u32 = 16;
/// How long a request waits for a connection or, on SQLite, for another process's write.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Every statement of ours finds its rows by an index, one by one, whatever a table held when it
/// was planned: an empty one is full a minute later. So PostgreSQL plans a prepared statement once,
/// is not offered the plans that read whole tables, and takes a page that it has to fetch for what
/// it is on today's disks.
const POSTGRES_PLANS: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("random_page_cost", "1.1"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

/// A connected database.
#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    /// On SQLite, who has the writing connection until it is known to be out of any transaction.
    writing: Arc<Mutex<()>>,
    texts: Arc<Texts>,
}

/// Called with the text of each statement that was sent.
pub type Observer = Arc<dyn Fn(&Statement) + Send + Sync>;

impl Database {
    /// Connects to `sqlite:path/to/file.db` (created if absent) or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_observed(url, None).await
    }

    /// Connects, and shows every statement to an observer: for tests that count or explain them.
    pub async fn connect_observed(url: &str, observer: Option<Observer>) -> Result<Self> {
        let mut open = Vec::new();
        for options in options(url)? {
            // Boxed, for connecting takes a future of many kilobytes, which every caller would
            // carry.
            let mut connection = Box::pin(sea_orm::Database::connect(options)).await?;
            if let Some(observer) = observer.clone() {
                connection.set_metric_callback(move |info| observer(info.statement));
            }
            open.push(connection);
        }
        let writer = open.remove(0);
        let reader = open.pop().unwrap_or_else(|| writer.clone());
        Ok(Self { reader, writer, writing: Arc::default(), texts: Arc::default() })
    }

    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// For reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For migrations and tests. The core writes by `Writes`.
    pub fn write(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// A statement with `$1`, `$2`… for this database.
    pub(crate) fn sql(&self, text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), text, values)
    }

    pub async fn close(self) -> Result<()> {
        self.reader.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }
}

/// An id as a parameter.
pub(crate) fn id(id: impl Id) -> Value {
    id.uuid().into()
}

/// A row limit as a parameter.
pub(crate) fn limit(rows: u64) -> Value {
    i64::try_from(rows).unwrap_or(i64::MAX).into()
}

/// How to connect: for writing, and apart from that for reading where the database asks for it.
fn options(url: &str) -> Result<Vec<ConnectOptions>> {
    if url.starts_with("sqlite:") {
        return Ok(vec![sqlite(url, 1), sqlite(url, CONNECTIONS_MAX)]);
    }
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(WAIT_MAX)
            // A connection that broke is noticed by the statement on it; asking first would be a
            // round trip more each time.
            .test_before_acquire(false)
            .sqlx_logging(false)
            .map_sqlx_postgres_opts(|postgres| postgres.options(POSTGRES_PLANS));
        return Ok(vec![options]);
    }
    let why = "the database URL must start with `sqlite:` or `postgres:`";
    Err(Error::new(Code::InvalidInput, why))
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let separator = if url.contains('?') { '&' } else { '?' };
    let mut options = ConnectOptions::new(format!("{url}{separator}mode=rwc"));
    options
        .max_connections(connections)
        .acquire_timeout(WAIT_MAX)
        // A file does not hang up; asking it first would double the cost of a small query.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            // `busy_timeout` comes first: switching to WAL itself may have to wait for another
            // process.
            sqlite
                .busy_timeout(WAIT_MAX)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                // A commit touches pages all over the file; moved there every thousand pages, they
                // would be written again and again. So many are 32 MiB of log.
                .pragma("wal_autocheckpoint", "8192")
                .foreign_keys(true)
                .pragma("cache_size", "-32768")
        });
    options
}

/// Whether a unique index refused the statement.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the same statement may succeed when sent again: busy, deadlock, serialization failure,
/// connection lost.
pub(crate) fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_database_error().and_then(sqlx::error::DatabaseError::code) {
                // SQLITE_BUSY and SQLITE_BUSY_SNAPSHOT; serialization failure, deadlock, shutdown,
                // too many connections.
                Some(code) => {
                    matches!(&*code, "5" | "517" | "40001" | "40P01" | "57P01" | "53300")
                }
                None => matches!(**error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut),
            }
        }
        _ => false,
    }
}
