//! One connection of the driver, to either database.

use super::{Database, POSTGRES_ANY_PLAN, POSTGRES_NO_TIMES};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection as _, Executor};
use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;

/// How to connect, which may be with a password.
#[derive(Clone)]
pub(super) enum Options {
    Postgres(Box<PgConnectOptions>),
    Sqlite(Box<SqliteConnectOptions>),
}

pub(crate) enum Connection {
    Postgres(Box<PgConnection>),
    Sqlite(Box<SqliteConnection>),
}

impl Options {
    pub(super) const fn backend(&self) -> DbBackend {
        match self {
            Self::Postgres(_) => DbBackend::Postgres,
            Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    /// The same, but a file that is not there is not created.
    pub(super) fn existing(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new(options.create_if_missing(false))),
            Self::Postgres(_) => self,
        }
    }

    /// The same for one long piece of work: without the limits of requests, reading whole tables
    /// where that is best, and with room for what is written at a time.
    fn patient(self) -> Self {
        match self {
            Self::Sqlite(options) => {
                Self::Sqlite(Box::new(options.pragma("cache_size", "-65536").row_buffer_size(1024)))
            }
            Self::Postgres(options) => {
                let options = options.options(POSTGRES_NO_TIMES).options(POSTGRES_ANY_PLAN);
                Self::Postgres(Box::new(options))
            }
        }
    }

    pub(super) async fn connect(&self) -> Result<Connection, DbErr> {
        // Boxed, for connecting takes a future of many kilobytes, which every caller would carry.
        let connected = match self {
            Self::Postgres(options) => {
                let connected = Box::pin(options.connect()).await;
                connected.map(|connection| Connection::Postgres(Box::new(connection)))
            }
            Self::Sqlite(options) => {
                let connected = Box::pin(options.connect()).await;
                connected.map(|connection| Connection::Sqlite(Box::new(connection)))
            }
        };
        connected.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }
}

impl Database {
    /// A connection of its own for one long piece of work.
    pub(crate) async fn patient_connection(&self) -> Result<Connection, DbErr> {
        self.writers.options().clone().patient().connect().await
    }
}

impl Connection {
    pub(crate) const fn backend(&self) -> DbBackend {
        match self {
            Self::Postgres(_) => DbBackend::Postgres,
            Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    pub(crate) async fn rows(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values) = parts(statement);
        let rows = match self {
            Self::Postgres(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(&mut **connection).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
            Self::Sqlite(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(&mut **connection).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
        };
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    /// Rows as they come.
    pub(super) fn stream(
        &mut self,
        statement: Statement,
    ) -> BoxStream<'_, Result<QueryResult, DbErr>> {
        let Statement { sql, values, .. } = statement;
        let values = SqlxValues(values.unwrap_or_else(|| sea_orm::Values(Vec::new())));
        let sql = AssertSqlSafe(sql);
        let failed = |error: sqlx::Error| DbErr::Query(RuntimeErr::SqlxError(error.into()));
        match self {
            Self::Postgres(connection) => {
                let rows = sqlx::query_with(sql, values).fetch(&mut **connection);
                rows.map_ok(QueryResult::from).map_err(failed).boxed()
            }
            Self::Sqlite(connection) => {
                let rows = sqlx::query_with(sql, values).fetch(&mut **connection);
                rows.map_ok(QueryResult::from).map_err(failed).boxed()
            }
        }
    }

    pub(super) async fn execute(&mut self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = parts(statement);
        let done = match self {
            Self::Postgres(connection) => {
                let done = sqlx::query_with(sql, values).execute(&mut **connection).await;
                done.map(ExecResult::from)
            }
            Self::Sqlite(connection) => {
                let done = sqlx::query_with(sql, values).execute(&mut **connection).await;
                done.map(ExecResult::from)
            }
        };
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    pub(crate) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = match self {
            Self::Postgres(connection) => {
                connection.execute(AssertSqlSafe(sql)).await.map(ExecResult::from)
            }
            Self::Sqlite(connection) => {
                connection.execute(AssertSqlSafe(sql)).await.map(ExecResult::from)
            }
        };
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    pub(crate) async fn close(self) -> Result<(), DbErr> {
        let closed = match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        };
        closed.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }

    /// Whether an error says that the connection cannot be used any more, and not only that the
    /// database refused a statement.
    pub(super) fn is_broken_by(error: &DbErr) -> bool {
        let (DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))) = error
        else {
            return true;
        };
        error.as_database_error().is_none_or(|error| {
            // Connection exceptions, and the server's shutdown.
            error.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
        })
    }
}

fn parts(statement: &Statement) -> (AssertSqlSafe<&str>, SqlxValues) {
    let values = statement.values.clone();
    let values = values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    // Statements are the platform's own texts; what comes from outside is bound.
    (AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}
