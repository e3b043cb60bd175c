//! Connections. SQLite has one connection that writes and a pool that reads; PostgreSQL has one pool for both. Every write
//! transaction is immediate on SQLite, because a deferred one fails where it should wait.

pub(crate) mod rows;
pub(crate) mod select;

use crate::{Code, Error, Result};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqlErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait, sqlx,
};
use std::time::Duration;

/// The most connections that one process opens for reading (SQLite) or for everything (PostgreSQL).
const CONNECTIONS_MAX: u32 = 16;
/// How long a request waits for a connection or, on SQLite, for another process's write.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A connected database.
#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

impl Database {
    /// Connects to `sqlite:path/to/file.db` (created if absent) or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let writer = open(sqlite(url, 1)).await?;
            let reader = open(sqlite(url, CONNECTIONS_MAX)).await?;
            return Ok(Self { reader, writer });
        }
        if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(Error::new(
                Code::InvalidInput,
                "the database URL must start with `sqlite:` or `postgres:`",
            ));
        }
        let mut options = ConnectOptions::new(url);
        options.max_connections(CONNECTIONS_MAX).acquire_timeout(WAIT_MAX).sqlx_logging(false);
        let pool = open(options).await?;
        Ok(Self { reader: pool.clone(), writer: pool })
    }

    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// For reading outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For statements that are a transaction of their own, and for migrations.
    pub fn write(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Opens a write transaction; dropping it rolls back.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(immediate).await?)
    }

    pub async fn close(self) -> Result<()> {
        self.reader.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }
}

async fn open(options: ConnectOptions) -> Result<DatabaseConnection> {
    // Boxed, for connecting takes a future of many kilobytes, which every caller would carry.
    Ok(Box::pin(sea_orm::Database::connect(options)).await?)
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
            // `busy_timeout` comes first: switching to WAL itself may have to wait for another process.
            sqlite
                .busy_timeout(WAIT_MAX)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .foreign_keys(true)
                .pragma("cache_size", "-16384")
        });
    options
}

/// Whether a unique index refused the statement.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the same statement may succeed when sent again: busy, deadlock, serialization failure, connection lost.
pub(crate) fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_database_error().and_then(sqlx::error::DatabaseError::code) {
                // SQLITE_BUSY and SQLITE_BUSY_SNAPSHOT; serialization failure, deadlock, shutdown, too many connections.
                Some(code) => {
                    matches!(&*code, "5" | "517" | "40001" | "40P01" | "57P01" | "53300")
                }
                None => matches!(**error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut),
            }
        }
        _ => false,
    }
}
