//! A database as it was at one moment, whatever is written meanwhile.

use super::{Answers, Connection, Database, Look};
use crate::Result;
use futures::stream::BoxStream;
use sea_orm::{DbBackend, DbErr, QueryResult, Value};

/// Changes nothing and, from its first question on, sees one moment.
const SNAPSHOT_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const SNAPSHOT_SQLITE: &str = "BEGIN";
/// Rows are found one by one, by their keys, thousands of times: planned once, as requests are.
const BY_KEY: &str = "
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off";
/// Whole tables are read once each.
const WHOLE: &str = "
    SET plan_cache_mode = auto;
    SET enable_seqscan = on;
    SET enable_hashjoin = on;
    SET enable_mergejoin = on";

pub(crate) struct Snapshot {
    db: Database,
    connection: Connection,
}

impl Snapshot {
    pub(crate) async fn open(db: &Database) -> Result<Self> {
        let mut connection = db.patient_connection().await?;
        let begin = match connection.backend() {
            DbBackend::Postgres => SNAPSHOT_POSTGRES,
            _ => SNAPSHOT_SQLITE,
        };
        connection.execute_unprepared(begin).await?;
        Ok(Self { db: db.clone(), connection })
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.connection.backend()
    }

    /// From here on rows are found by key.
    pub(crate) async fn by_key(&mut self) -> Result<()> {
        self.plan(BY_KEY).await
    }

    /// From here on tables are read as wholes.
    pub(crate) async fn whole(&mut self) -> Result<()> {
        self.plan(WHOLE).await
    }

    async fn plan(&mut self, sql: &str) -> Result<()> {
        if self.backend() == DbBackend::Postgres {
            self.connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }

    pub(crate) async fn rows(
        &mut self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<QueryResult>> {
        Ok(self.connection.rows(&self.db.sql(sql, values)).await?)
    }

    /// Rows as the database finds them, none of which is held.
    pub(crate) fn stream(
        &mut self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> BoxStream<'_, Result<QueryResult, DbErr>> {
        let statement = self.db.sql(sql, values);
        self.connection.stream(statement)
    }

    /// The one number that a statement answers.
    pub(crate) async fn number(
        &mut self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64> {
        let row = self.rows(sql, values).await?.pop();
        let number: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default())
    }

    pub(crate) async fn ask(&mut self, look: Look) -> Result<Answers> {
        look.send_over(&self.db, &mut self.connection).await
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}
