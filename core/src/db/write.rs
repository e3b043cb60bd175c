//! Sending writes, so that they happen whole or not at all, and an answer means that the database
//! confirmed the commit.

use super::connections::Lease;
use super::{Database, Writes, is_duplicate};
use crate::{Code, Error};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, RuntimeErr, Statement, sqlx};

/// Why an attempt came to nothing.
#[derive(Debug)]
pub(crate) enum TryError {
    /// Somebody else was first: look again and decide again. The text is for the log.
    Outrun(String),
    Failed(Error),
}

impl From<Error> for TryError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// For changes that are not decided again.
impl From<TryError> for Error {
    fn from(error: TryError) -> Self {
        match error {
            TryError::Failed(error) => error,
            TryError::Outrun(why) => {
                Self::new(Code::Unavailable, "somebody else was first").caused_by(why)
            }
        }
    }
}

impl From<DbErr> for TryError {
    fn from(error: DbErr) -> Self {
        if is_duplicate(&error) || is_moved(&error) || is_deadlock(&error) {
            return Self::Outrun(error.to_string());
        }
        Self::Failed(error.into())
    }
}

impl Database {
    /// Writes all of it, or nothing: [`TryError::Outrun`] when an account moved or a key was taken
    /// since the look.
    pub(crate) async fn commit(&self, writes: Writes) -> Result<(), TryError> {
        if writes.is_empty() {
            return Ok(());
        }
        let statement = writes.into_statement(&self.write_texts, self.backend());
        let done = match self.backend() {
            DbBackend::Postgres => self.writers.execute_raw(statement).await.map(drop),
            _ => self.run_script(statement).await.map(drop),
        };
        let done = done.map_err(TryError::from);
        self.note(&done);
        done
    }

    /// Runs one statement that changes rows and answers some of them.
    pub(crate) async fn change(&self, mut statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if self.backend() == DbBackend::Postgres {
            return self.writers.query_all_raw(statement).await;
        }
        statement.sql = format!("BEGIN IMMEDIATE;\n{};\nCOMMIT", statement.sql);
        self.run_script(statement).await
    }

    /// Runs a script from BEGIN to COMMIT on SQLite's one writing connection. It is a task of its
    /// own: a caller that goes away must not leave a script half done.
    async fn run_script(&self, script: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let db = self.clone();
        let run = tokio::spawn(async move {
            let mut writer = db.writers.lease().await?;
            let done = writer.rows(&script).await;
            if done.is_ok() {
                writer.give_back(&done);
            } else {
                // Dropped if that fails: whatever it is in ends with the connection.
                let out = roll_back(&mut writer).await;
                if out.is_ok() {
                    writer.give_back(&out);
                }
            }
            done
        });
        run.await.unwrap_or_else(|error| Err(DbErr::Custom(error.to_string())))
    }
}

/// Takes a connection out of whatever transaction it is in. Where SQLite has rolled back by itself,
/// as it does when the disk is full, there is none, and its refusal says just that.
async fn roll_back(writer: &mut Lease<'_>) -> Result<(), DbErr> {
    let rollback = Statement::from_string(DbBackend::Sqlite, "ROLLBACK");
    match writer.rows(&rollback).await {
        Err(error) if !says(&error, "no transaction is active") => Err(error),
        _ => Ok(()),
    }
}

fn says(error: &DbErr, what: &str) -> bool {
    database_error(error).is_some_and(|error| error.message().contains(what))
}

fn database_error(error: &DbErr) -> Option<&dyn sqlx::error::DatabaseError> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            error.as_database_error()
        }
        _ => None,
    }
}

/// Whether a guard did not find the version that it named: it sets it to nothing then, which the
/// column refuses.
fn is_moved(error: &DbErr) -> bool {
    database_error(error).is_some_and(|error| match error.code().as_deref() {
        Some("23502") => error.message().contains("\"version\""),
        Some("1299") => error.message().ends_with(".version"),
        _ => false,
    })
}

/// Serialization failure or deadlock: the database undid the statement.
fn is_deadlock(error: &DbErr) -> bool {
    let code = database_error(error).and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}
