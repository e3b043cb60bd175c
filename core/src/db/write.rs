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

    /// Empties the log that SQLite keeps beside the file, as far as nobody reads from it: what was
    /// overwritten in the file may still stand there. PostgreSQL has its own ways.
    pub(crate) async fn shred(&self) -> Result<(), Error> {
        if self.backend() == DbBackend::Postgres {
            return Ok(());
        }
        let truncate = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
        Ok(self.run_script(truncate).await.map(drop)?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProgramId;
    use crate::db::{Writes, row};

    row! {
        struct Filled in "filled" {
            number: i64,
            text: String,
        }
    }

    /// A database whose writer may add so many pages.
    async fn with_room(path: &str, pages: i64) -> Database {
        let db = Database::connect(&format!("sqlite:{path}")).await.unwrap();
        let table =
            "CREATE TABLE IF NOT EXISTS filled (program_id BLOB, number INTEGER, text TEXT)";
        db.write().execute_unprepared(table).await.unwrap();
        room(&db, pages).await;
        db
    }

    async fn room(db: &Database, pages: i64) {
        let count = db.sql("SELECT page_count FROM pragma_page_count", []);
        let used: i64 =
            db.writers.query_all_raw(count).await.unwrap()[0].try_get_by_index(0).unwrap();
        let limit = format!("PRAGMA max_page_count = {}", used + pages);
        db.writers.execute_unprepared(&limit).await.unwrap();
    }

    async fn add(db: &Database, number: i64) -> Result<(), TryError> {
        let mut writes = Writes::to(ProgramId::new());
        writes.insert(&Filled { number, text: "x".repeat(2_000) });
        db.commit(writes).await
    }

    #[test]
    fn what_a_full_disk_refuses_is_not_there_and_what_was_confirmed_is() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("full.db").display().to_string();
            let db = with_room(&path, 8).await;
            let (mut confirmed, mut refused) = (Vec::new(), 0);
            for number in 0..120 {
                match add(&db, number).await {
                    Ok(()) => confirmed.push(number),
                    Err(TryError::Failed(error)) => {
                        assert_eq!(error.code(), Code::Unavailable, "{error:?}");
                        refused += 1;
                        // Several in a row, then room, and full again.
                        if refused % 7 == 0 {
                            room(&db, 8).await;
                        }
                    }
                    Err(TryError::Outrun(why)) => panic!("{why}"),
                }
            }
            assert!(refused > 20 && confirmed.len() > 20, "{refused}, {}", confirmed.len());
            // What another process reads, after this one has ended without a goodbye.
            let other = Database::connect(&format!("sqlite:{path}")).await.unwrap();
            let all = other.sql("SELECT number FROM filled ORDER BY number", []);
            let rows = other.read().query_all_raw(all).await.unwrap();
            let found: Vec<i64> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            assert_eq!(found, confirmed);
        });
    }
}
