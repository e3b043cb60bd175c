//! The database that is copied, as it was at one moment.

use super::catalogue::{self, Table, quoted};
use super::cell::Sum;
use super::read::{self, Batch};
use crate::Result;
use crate::db::{Connection, Database};
use sea_orm::{DbBackend, Statement};
use tokio::sync::mpsc::Sender;

/// Changes nothing and, from its first question on, sees one moment.
const SNAPSHOT_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const SNAPSHOT_SQLITE: &str = "BEGIN";

pub(super) struct Source {
    connection: Connection,
    tables: Vec<Table>,
}

impl Source {
    pub(super) async fn open(db: &Database) -> Result<Self> {
        let mut connection = db.patient_connection().await?;
        let snapshot = match connection.backend() {
            DbBackend::Postgres => SNAPSHOT_POSTGRES,
            _ => SNAPSHOT_SQLITE,
        };
        connection.execute_unprepared(snapshot).await?;
        let tables = catalogue::tables(&mut connection).await?;
        Ok(Self { connection, tables })
    }

    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// How many rows there are.
    pub(super) async fn count(&mut self, tables: &[Table]) -> Result<u64> {
        let mut all: u64 = 0;
        for table in tables {
            let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {}", quoted(&table.name));
            let statement = Statement::from_string(self.connection.backend(), sql);
            for row in self.connection.rows(&statement).await? {
                let rows: i64 = row.try_get_by_index(0)?;
                all += rows.unsigned_abs();
            }
        }
        Ok(all)
    }

    pub(super) async fn read(
        &mut self,
        tables: &[Table],
        sender: Sender<Batch>,
    ) -> Result<Vec<Sum>> {
        read::read(&mut self.connection, tables, sender).await
    }

    pub(super) async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}
