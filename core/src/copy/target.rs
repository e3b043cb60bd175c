//! The database that is filled, in one transaction, by whoever holds all of its tables.

use super::catalogue::{self, Table, quoted};
use super::cell::Sum;
use super::insert::insert;
use super::mark;
use super::read::{self, Batch};
use crate::db::{Connection, Database};
use crate::{Code, Error, Result};
use sea_orm::{DbBackend, Statement};
use tokio::sync::mpsc::Sender;

const COUNTERS: &str = "
    SELECT q.counter, q.table_name, q.column_name
    FROM (
        SELECT pg_get_serial_sequence(quote_ident(c.relname), a.attname)::text AS counter,
            c.relname::text AS table_name, a.attname::text AS column_name
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    ) AS q
    WHERE q.counter IS NOT NULL";

pub(super) struct Target {
    connection: Connection,
    tables: Vec<Table>,
}

impl Target {
    pub(super) async fn open(db: &Database) -> Result<Self> {
        let mut connection = db.patient_connection().await?;
        let tables = catalogue::tables(&mut connection).await?;
        Ok(Self { connection, tables })
    }

    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Marks an empty database and begins to fill it. One that has rows is left as it is.
    pub(super) async fn claim(&mut self) -> Result<()> {
        self.refuse_rows().await?;
        self.begin().await?;
        self.refuse_rows().await?;
        self.connection.execute_unprepared(mark::SET).await?;
        self.connection.execute_unprepared("COMMIT").await?;
        self.begin().await?;
        // A server that was there before the mark may have been in between.
        let rows = self.refuse_rows().await;
        if rows.is_err() {
            self.finish().await?;
        }
        rows
    }

    async fn begin(&mut self) -> Result<()> {
        let names: Vec<_> = self.tables.iter().map(|table| quoted(&table.name)).collect();
        let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", "));
        let begin: &[&str] = match self.connection.backend() {
            DbBackend::Postgres => &["BEGIN", "SET LOCAL lock_timeout = '10s'", &lock],
            _ => &["BEGIN IMMEDIATE"],
        };
        for sql in begin {
            self.connection.execute_unprepared(sql).await.map_err(|error| {
                let why = "the target cannot be had alone: stop whatever works on it";
                Error::new(Code::Unavailable, why).caused_by(error)
            })?;
        }
        Ok(())
    }

    async fn refuse_rows(&mut self) -> Result<()> {
        let Some(table) = self.occupied().await? else { return Ok(()) };
        let why = format!("the target is not empty: `{table}` has rows. Name an empty database");
        Err(Error::new(Code::InvalidInput, why))
    }

    /// The first table that has a row.
    async fn occupied(&mut self) -> Result<Option<String>> {
        for table in &self.tables {
            let sql = format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name));
            let any = Statement::from_string(self.connection.backend(), sql);
            if !self.connection.rows(&any).await?.is_empty() {
                return Ok(Some(table.name.clone()));
            }
        }
        Ok(None)
    }

    pub(super) async fn write(&mut self, batch: Batch) -> Result<()> {
        let table = &self.tables[batch.table];
        insert(&mut self.connection, table, batch.rows).await.map_err(|error| {
            let why = format!("the table `{}` cannot be written: nothing was copied", table.name);
            Error::new(Code::Unavailable, why).caused_by(error)
        })
    }

    /// What the transaction holds so far.
    pub(super) async fn read_back(&mut self, sender: Sender<Batch>) -> Result<Vec<Sum>> {
        read::read(&mut self.connection, &self.tables, sender).await
    }

    /// Commits, and takes the mark away with it.
    pub(super) async fn finish(&mut self) -> Result<()> {
        self.count_on().await?;
        self.connection.execute_unprepared(mark::UNSET).await?;
        self.connection.execute_unprepared("COMMIT").await?;
        Ok(())
    }

    /// SQLite brings what was written into the file when its last connection is closed.
    pub(super) async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }

    /// PostgreSQL's counters of rows go on behind what was written. SQLite's do so by themselves.
    async fn count_on(&mut self) -> Result<()> {
        if self.connection.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let counters = Statement::from_string(DbBackend::Postgres, COUNTERS);
        for row in self.connection.rows(&counters).await? {
            let (counter, table, column): (String, String, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let (table, column) = (quoted(&table), quoted(&column));
            let sql = format!(
                "SELECT setval('{counter}', (SELECT COALESCE(MAX({column}), 0) + 1 FROM {table}), false)"
            );
            self.connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
