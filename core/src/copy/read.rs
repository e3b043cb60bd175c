//! Reading tables as rows of cells, in batches.

use super::catalogue::Table;
use super::cell::{Cell, Class, Sum};
use crate::db::Connection;
use crate::{Code, Error, Result};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::sqlite::{Sqlite, SqliteRow};
use sea_orm::sqlx::{self, AssertSqlSafe, Decode, Row as _, TypeInfo, ValueRef};
use tokio::sync::mpsc::Sender;

/// A batch is full when it has so many bytes, or rows.
const BATCH_BYTES_MAX: usize = 4 << 20;
const BATCH_ROWS_MAX: usize = 10_000;

/// Some rows of the table with this number.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) table: usize,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Sends all rows of all tables; returns the sum of each.
pub(super) async fn read(
    connection: &mut Connection,
    tables: &[Table],
    sender: Sender<Batch>,
) -> Result<Vec<Sum>> {
    let mut sums = Vec::with_capacity(tables.len());
    for (number, table) in tables.iter().enumerate() {
        let sql = AssertSqlSafe(table.select(connection.backend()));
        let sum = match connection {
            Connection::Postgres(postgres) => {
                let rows = sqlx::query(sql).fetch(&mut **postgres);
                send(rows, number, table, &sender).await
            }
            Connection::Sqlite(sqlite) => {
                let rows = sqlx::query(sql).fetch(&mut **sqlite);
                send(rows, number, table, &sender).await
            }
        };
        sums.push(sum?);
    }
    Ok(sums)
}

async fn send<R: CellRow>(
    mut rows: BoxStream<'_, Result<R, sqlx::Error>>,
    number: usize,
    table: &Table,
    sender: &Sender<Batch>,
) -> Result<Sum> {
    let unreadable = |error: sqlx::Error| {
        let why = format!("the table `{}` cannot be read", table.name);
        Error::new(Code::Unavailable, why).caused_by(error)
    };
    let (mut sum, mut batch, mut bytes) = (Sum::default(), Vec::new(), 0);
    while let Some(row) = rows.try_next().await.map_err(unreadable)? {
        let cells = cells(&row, table)?;
        sum.add(&cells);
        bytes += cells.iter().map(Cell::size).sum::<usize>();
        batch.push(cells);
        if bytes >= BATCH_BYTES_MAX || batch.len() >= BATCH_ROWS_MAX {
            pass_on(sender, Batch { table: number, rows: std::mem::take(&mut batch) }).await?;
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        pass_on(sender, Batch { table: number, rows: batch }).await?;
    }
    Ok(sum)
}

async fn pass_on(sender: &Sender<Batch>, batch: Batch) -> Result<()> {
    // Whoever no longer receives has failed, and says why.
    sender.send(batch).await.map_err(|_| Error::internal("nobody takes what is read"))
}

fn cells(row: &impl CellRow, table: &Table) -> Result<Vec<Cell>> {
    let cell = |(index, column): (usize, &super::catalogue::Column)| {
        row.cell(index, column.class).map_err(|error| {
            let why = format!("`{}.{}` holds what it cannot hold", table.name, column.name);
            Error::new(Code::InvalidInput, why).caused_by(error)
        })
    };
    table.columns.iter().enumerate().map(cell).collect()
}

/// A row of a driver.
trait CellRow {
    fn cell(&self, index: usize, class: Class) -> Result<Cell, sqlx::Error>;
}

impl CellRow for PgRow {
    fn cell(&self, index: usize, class: Class) -> Result<Cell, sqlx::Error> {
        let cell = match class {
            Class::Integer => self.try_get::<Option<i64>, _>(index)?.map(Cell::Integer),
            Class::Real => self.try_get::<Option<f64>, _>(index)?.map(Cell::real),
            Class::Text => self.try_get::<Option<String>, _>(index)?.map(Cell::Text),
            Class::Bytes => self.try_get::<Option<Vec<u8>>, _>(index)?.map(Cell::Bytes),
        };
        Ok(cell.unwrap_or(Cell::Null))
    }
}

impl CellRow for SqliteRow {
    /// SQLite lets any column hold anything, so it is asked for what is there.
    fn cell(&self, index: usize, class: Class) -> Result<Cell, sqlx::Error> {
        let value = self.try_get_raw(index)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        let held = value.type_info().name().to_owned();
        let read = match (class, held.as_str()) {
            (Class::Integer, "INTEGER") => {
                <i64 as Decode<Sqlite>>::decode(value).map(Cell::Integer)
            }
            (Class::Real, "REAL" | "INTEGER") => {
                <f64 as Decode<Sqlite>>::decode(value).map(Cell::real)
            }
            (Class::Text, "TEXT") => <String as Decode<Sqlite>>::decode(value).map(Cell::Text),
            (Class::Bytes, "BLOB") => <Vec<u8> as Decode<Sqlite>>::decode(value).map(Cell::Bytes),
            _ => Err(format!("{class:?} is expected, and it is {held}").into()),
        };
        read.map_err(sqlx::Error::Decode)
    }
}
