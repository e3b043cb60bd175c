//! A database as it was at one moment, whatever is written meanwhile.

use super::{Answers, Connection, Database, Keys, Look, id};
use crate::{Code, Error, ProgramId, Result};
use futures::stream::BoxStream;
use sea_orm::{DbBackend, DbErr, QueryResult, Value};

/// Changes nothing and, from its first question on, sees one moment.
const SNAPSHOT_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const SNAPSHOT_SQLITE: &str = "BEGIN";
/// Others see it too, from the name that this answers on.
const EXPORT_POSTGRES: &str = "SELECT pg_export_snapshot()";
/// What another connection commits changes it.
const VERSION_SQLITE: &str = "PRAGMA data_version";
/// A connection sees the moment of its first question.
const FIRST_SQLITE: &str = "SELECT COUNT(*) FROM programs";
/// Several connections read beside each other, each with its own pages of the file in memory.
const PAGES_SQLITE: &str = "PRAGMA cache_size = -16384";
/// How often a moment is sought at which nothing is committed for as long as it takes several
/// connections to begin.
const MOMENTS_MAX: usize = 1_000;
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

    /// Several that see the same moment, for work that is shared out.
    pub(crate) async fn open_many(db: &Database, many: usize) -> Result<Vec<Self>> {
        match db.backend() {
            DbBackend::Postgres => Self::exported(db, many).await,
            _ => Self::at_one_version(db, many).await,
        }
    }

    async fn exported(db: &Database, many: usize) -> Result<Vec<Self>> {
        let mut first = Self::open(db).await?;
        let row = first.rows(EXPORT_POSTGRES, []).await?.pop();
        let name: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        let name = name.ok_or_else(|| Error::internal("a snapshot without a name"))?;
        let mut all = vec![first];
        while all.len() < many {
            let mut other = Self::open(db).await?;
            // It is a text of the database's own making.
            let import = format!("SET TRANSACTION SNAPSHOT '{name}'");
            other.connection.execute_unprepared(&import).await?;
            all.push(other);
        }
        Ok(all)
    }

    /// They began between two looks at a version that is the same at both.
    async fn at_one_version(db: &Database, many: usize) -> Result<Vec<Self>> {
        let mut beside = db.patient_connection().await?;
        let mut all = Vec::with_capacity(many);
        while all.len() < many {
            let mut connection = db.patient_connection().await?;
            connection.execute_unprepared(PAGES_SQLITE).await?;
            all.push(Self { db: db.clone(), connection });
        }
        for _ in 0..MOMENTS_MAX {
            let before = version(db, &mut beside).await?;
            for one in &mut all {
                one.connection.execute_unprepared(SNAPSHOT_SQLITE).await?;
                one.rows(FIRST_SQLITE, []).await?;
            }
            if version(db, &mut beside).await? == before {
                beside.close().await?;
                return Ok(all);
            }
            for one in &mut all {
                one.connection.execute_unprepared("ROLLBACK").await?;
            }
        }
        let why = "the database changes too fast for several connections to see one moment of it";
        Err(Error::new(Code::Unavailable, why))
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

    /// Rows that are found by keys, for which `{keys}` stands, as the database finds them.
    pub(crate) fn stream_of(
        &mut self,
        program: ProgramId,
        sql: &str,
        keys: Keys<'_>,
    ) -> BoxStream<'_, Result<QueryResult, DbErr>> {
        let backend = self.backend();
        let values = [vec![id(program)], keys.values(backend)].concat();
        self.stream(&keys.select(backend, sql), values)
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

async fn version(db: &Database, connection: &mut Connection) -> Result<i64> {
    let row = connection.rows(&db.sql(VERSION_SQLITE, [])).await?.pop();
    let version: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(version.unwrap_or_default())
}
