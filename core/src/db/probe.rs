//! Whether the database can be used: for probes of readiness.

use super::{Database, TryError, lacks_table};
use crate::{Code, Error, Result};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use std::sync::atomic::Ordering;

const READ: &str = "SELECT id FROM programs LIMIT 1";
/// Changes nothing, but is written.
const WRITE: &str = "
    UPDATE programs
    SET created_at = created_at
    WHERE id = (SELECT id FROM programs LIMIT 1)";

impl Database {
    /// Text of any language has to fit in, or one member's name fails the requests of others in its
    /// batch. Fails with `DATABASE_UNUSABLE`.
    pub(super) async fn refuse_other_encoding(&self) -> Result<()> {
        if self.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let asked = Statement::from_string(self.backend(), "SHOW server_encoding");
        let shown = self.readers.query_one_raw(asked).await?;
        let encoding = shown.map(|row| row.try_get_by_index::<String>(0)).transpose()?;
        if encoding.as_deref() == Some("UTF8") {
            return Ok(());
        }
        let why = format!(
            "the database's encoding is {}, and has to be UTF8: create it with ENCODING 'UTF8'",
            encoding.unwrap_or_default()
        );
        Err(Error::new(Code::DatabaseUnusable, why))
    }

    /// Notes what a commit came to. One that was outrun says nothing of the database.
    pub(super) fn note(&self, committed: &Result<(), TryError>) {
        match committed {
            Ok(()) => self.is_failing.store(false, Ordering::Relaxed),
            Err(TryError::Failed(_)) => self.is_failing.store(true, Ordering::Relaxed),
            Err(TryError::Outrun(_)) => {}
        }
    }

    /// Whether the database answers and, if the last commit failed, whether it takes writes. A probe
    /// writes only then. Returns whether there is a program. Fails with `UNAVAILABLE` or with what
    /// the database says.
    pub(crate) async fn probe(&self) -> Result<bool> {
        let read = Statement::from_string(self.backend(), READ);
        let has_programs = self.readers.query_one_raw(read).await.map_err(failed)?.is_some();
        if !self.is_failing.load(Ordering::Relaxed) {
            return Ok(has_programs);
        }
        let written = self.change(Statement::from_string(self.backend(), WRITE)).await;
        written.map_err(|error| {
            Error::new(Code::Unavailable, "the database does not take writes").caused_by(error)
        })?;
        self.is_failing.store(false, Ordering::Relaxed);
        Ok(has_programs)
    }
}

fn failed(error: DbErr) -> Error {
    if lacks_table(&error) {
        let why = "the database has no tables: run `perennial migrate`";
        return Error::new(Code::Unavailable, why).caused_by(error);
    }
    error.into()
}
