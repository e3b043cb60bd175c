//! Connections, and the two ways over them: a `Look` asks all that a decision needs, `Writes` write
//! all that it makes true.
//!
//! SQLite has one connection that writes and others that read; PostgreSQL's do both.

mod connection;
mod connections;
mod field;
mod keys;
mod look;
mod probe;
mod retry;
mod row;
pub(crate) mod select;
mod snapshot;
mod sql;
mod statistics;
mod texts;
mod write;
mod writes;

pub(crate) use connection::Connection;
pub(crate) use field::{Field, Kind, push};
pub(crate) use keys::{Keys, Run};
pub(crate) use look::{Answers, Look, Question, Stamp};
pub(crate) use retry::{Rounds, retry};
pub(crate) use row::{Column, ColumnRow, JsonRows, Row, TableRow, next_column, row};
pub(crate) use snapshot::Snapshot;
pub(crate) use write::TryError;
pub(crate) use writes::Writes;

use crate::{Code, Error, Id, Result, Timestamp};
use connection::Options;
pub use connections::Connections;
use connections::WAIT_MAX;
use look::LookShape;
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqlErr,
    SqlxPostgresConnector, SqlxSqliteConnector, Statement, Value,
};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use texts::Texts;
use writes::WriteShape;

/// The most connections that one process opens for reading (SQLite) or for everything (PostgreSQL).
const CONNECTIONS_MAX: usize = 16;
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

/// No statement of ours takes long, and none waits long for a lock: whoever holds one that long is
/// a node that stands still, and PostgreSQL ends its transaction.
const POSTGRES_TIMES: [(&str, &str); 3] = [
    ("lock_timeout", "5s"),
    ("statement_timeout", "15s"),
    ("idle_in_transaction_session_timeout", "10s"),
];
/// For work that reads whole tables, and is planned as it comes.
const POSTGRES_ANY_PLAN: [(&str, &str); 4] = [
    ("plan_cache_mode", "auto"),
    ("enable_seqscan", "on"),
    ("enable_hashjoin", "on"),
    ("enable_mergejoin", "on"),
];
/// A migration may take its time, and so may a copy.
const POSTGRES_NO_TIMES: [(&str, &str); 3] = [
    ("lock_timeout", "0"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
];

/// A connected database.
#[derive(Clone, Debug)]
pub struct Database {
    readers: Connections,
    /// On SQLite one, which is given back only when it is known to be out of any transaction.
    writers: Connections,
    schema: DatabaseConnection,
    look_texts: Arc<Texts<LookShape>>,
    write_texts: Arc<Texts<WriteShape>>,
    /// Whether the last commit failed otherwise than by being outrun.
    is_failing: Arc<AtomicBool>,
}

/// Called with the text of each statement that was sent.
pub type Observer = Arc<dyn Fn(&Statement) + Send + Sync>;

impl Database {
    /// Connects to `sqlite:path/to/file.db` (created if absent) or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_observed(url, None).await
    }

    /// Connects to a database that is there: creates no file.
    pub async fn connect_existing(url: &str) -> Result<Self> {
        Self::connect_by(options(url)?.existing(), None).await
    }

    /// Connects, and shows every statement to an observer: for tests that count or explain them.
    pub async fn connect_observed(url: &str, observer: Option<Observer>) -> Result<Self> {
        Self::connect_by(options(url)?, observer).await
    }

    async fn connect_by(options: Options, observer: Option<Observer>) -> Result<Self> {
        let connections = |most| Connections::new(options.clone(), most, observer.clone());
        let writers =
            connections(if options.backend() == DbBackend::Sqlite { 1 } else { CONNECTIONS_MAX });
        let readers = match options.backend() {
            DbBackend::Sqlite => connections(CONNECTIONS_MAX),
            _ => writers.clone(),
        };
        // Whoever cannot connect is told so now, and not by the first request.
        let first = writers.lease().await?;
        first.give_back(&Ok(()));
        let schema = schema(options);
        let db = Self {
            readers,
            writers,
            schema,
            look_texts: Arc::default(),
            write_texts: Arc::default(),
            is_failing: Arc::default(),
        };
        db.refuse_other_encoding().await?;
        Ok(db)
    }

    pub fn backend(&self) -> DbBackend {
        self.writers.get_database_backend()
    }

    /// How many connections are in use, of those that requests and the worker share.
    pub(crate) fn in_use(&self) -> i64 {
        let writing = if self.backend() == DbBackend::Sqlite { self.writers.in_use() } else { 0 };
        i64::try_from(self.readers.in_use() + writing).unwrap_or(i64::MAX)
    }

    /// For reading.
    pub fn read(&self) -> &Connections {
        &self.readers
    }

    /// For migrations and tests. The core writes by `Writes`.
    pub fn write(&self) -> &DatabaseConnection {
        &self.schema
    }

    /// A statement with `$1`, `$2`… for this database.
    pub(crate) fn sql(&self, text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), text, values)
    }

    pub async fn close(self) -> Result<()> {
        self.readers.close().await?;
        self.writers.close().await?;
        Ok(self.schema.close_by_ref().await?)
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

/// An instant as a parameter.
pub(crate) fn instant(at: Timestamp) -> Value {
    at.microseconds().into()
}

fn options(url: &str) -> Result<Options> {
    let wrong = |error: sqlx::Error| {
        Error::new(Code::InvalidInput, "the database URL cannot be read").caused_by(error)
    };
    if url.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(url).map_err(wrong)?;
        return Ok(Options::Sqlite(Box::new(sqlite(options))));
    }
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let options = PgConnectOptions::from_str(url).map_err(wrong)?;
        let options = options.options(POSTGRES_PLANS).options(POSTGRES_TIMES);
        let options = options.disable_statement_logging();
        return Ok(Options::Postgres(Box::new(options)));
    }
    let why = "the database URL must start with `sqlite:` or `postgres:`";
    Err(Error::new(Code::InvalidInput, why))
}

fn sqlite(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .busy_timeout(WAIT_MAX)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // A commit touches pages all over the file; moved there every thousand pages, they would
        // be written again and again. So many are 32 MiB of log.
        .pragma("wal_autocheckpoint", "8192")
        .foreign_keys(true)
        // 8 MiB for each connection. SQLite walks through all of the writer's cache at almost each
        // commit; what is not there is in the system's cache.
        .pragma("cache_size", "-8192")
        // What is deleted is overwritten: what was erased is not to be found in the file.
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
}

/// A connection that sea-orm's migrations can use, opened when it is first used.
fn schema(options: Options) -> DatabaseConnection {
    match options {
        Options::Postgres(options) => SqlxPostgresConnector::from_sqlx_postgres_pool(
            PoolOptions::new()
                .max_connections(1)
                .connect_lazy_with(options.options(POSTGRES_NO_TIMES)),
        ),
        Options::Sqlite(options) => SqlxSqliteConnector::from_sqlx_sqlite_pool(
            PoolOptions::new().max_connections(1).connect_lazy_with(*options),
        ),
    }
}

/// Whether a unique index refused the statement.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the database does not let us in, or is none: no role, password, database or right of that
/// name; no file, none that may be opened, none of SQLite, or a corrupt one.
pub(crate) fn is_unusable(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let Some(error) = error.as_database_error() else { return false };
    let code = error.code().unwrap_or_default();
    match code.parse::<u32>() {
        // SQLite's extended codes have the plain one in their last byte: CORRUPT, CANTOPEN, NOTADB.
        Ok(code) if code < 10_000 => matches!(code & 0xff, 11 | 14 | 26),
        _ => matches!(&*code, "28000" | "28P01" | "3D000" | "3F000" | "42501"),
    }
}

/// Whether the statement names a table that is not there.
pub(crate) fn lacks_table(error: &DbErr) -> bool {
    let DbErr::Query(RuntimeErr::SqlxError(error)) = error else { return false };
    error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
    })
}

/// What passes: on SQLite a busy database, a snapshot that is behind and a full disk. On PostgreSQL
/// serialization failures, deadlocks, locks and statements that took too long, a server that shuts
/// down, starts or has become a standby, too many connections, a full disk.
const PASSING: [&str; 16] = [
    "5", "517", "13", "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25006",
    "25P03", "53100", "53200", "53300", "53400",
];

/// Why the same statement may succeed when sent again; none when it cannot.
pub(crate) fn passing(error: &DbErr) -> Option<&'static str> {
    const BUSY: &str = "the database is busy or unreachable";
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Some(BUSY),
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
                Some("5" | "517") => {
                    Some("another process has locked the database's file for too long")
                }
                Some("13" | "53100") => Some("the database's disk is full"),
                Some("25006") => Some("the database takes no writes"),
                // Class 08 is a connection that broke.
                Some(code) => (PASSING.contains(&code) || code.starts_with("08")).then_some(BUSY),
                None => matches!(**error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut)
                    .then_some(BUSY),
            }
        }
        _ => None,
    }
}
