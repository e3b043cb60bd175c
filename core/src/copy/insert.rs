//! Rows of cells into a table: `COPY` on PostgreSQL, many rows to an `INSERT` on SQLite.

use super::catalogue::{Table, quoted};
use super::cell::Cell;
use crate::db::Connection;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::sqlx::{self, AssertSqlSafe};
use std::fmt::Write as _;

/// Rows of an `INSERT`. SQLite takes some 32,000 parameters.
const ROWS_MAX: usize = 256;

pub(super) async fn insert(
    connection: &mut Connection,
    table: &Table,
    rows: Vec<Vec<Cell>>,
) -> Result<(), sqlx::Error> {
    match connection {
        Connection::Postgres(postgres) => copy_in(postgres, table, &rows).await,
        Connection::Sqlite(sqlite) => insert_many(sqlite, table, rows).await,
    }
}

async fn copy_in(
    connection: &mut PgConnection,
    table: &Table,
    rows: &[Vec<Cell>],
) -> Result<(), sqlx::Error> {
    let (name, columns) = (quoted(&table.name), table.column_list());
    let mut copy = connection.copy_in_raw(&format!("COPY {name} ({columns}) FROM STDIN")).await?;
    copy.send(copy_text(table, rows).into_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// Rows in the text format of `COPY`.
fn copy_text(table: &Table, rows: &[Vec<Cell>]) -> String {
    let mut text = String::new();
    for row in rows {
        for (index, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            if index > 0 {
                text.push('\t');
            }
            push(&mut text, cell, column.declared == "uuid");
        }
        text.push('\n');
    }
    text
}

fn push(text: &mut String, cell: &Cell, is_uuid: bool) {
    let written = match cell {
        Cell::Null => write!(text, "\\N"),
        Cell::Integer(value) => write!(text, "{value}"),
        // The shortest form that reads as the same number.
        Cell::Real(value) => write!(text, "{value:?}"),
        Cell::Text(value) => {
            push_escaped(text, value);
            Ok(())
        }
        Cell::Bytes(bytes) => {
            if !is_uuid {
                text.push_str("\\\\x");
            }
            data_encoding::HEXLOWER.encode_append(bytes, text);
            Ok(())
        }
    };
    written.expect("a string takes any text");
}

fn push_escaped(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            c => text.push(c),
        }
    }
}

async fn insert_many(
    connection: &mut SqliteConnection,
    table: &Table,
    rows: Vec<Vec<Cell>>,
) -> Result<(), sqlx::Error> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(ROWS_MAX).collect();
        let mut insert = sqlx::query(AssertSqlSafe(insert_text(table, some.len())));
        for cell in some.into_iter().flatten() {
            insert = match cell {
                Cell::Null => insert.bind(None::<i64>),
                Cell::Integer(value) => insert.bind(value),
                Cell::Real(value) => insert.bind(value),
                Cell::Text(value) => insert.bind(value),
                Cell::Bytes(value) => insert.bind(value),
            };
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

fn insert_text(table: &Table, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let (name, columns) = (quoted(&table.name), table.column_list());
    format!("INSERT INTO {name} ({columns}) VALUES {}", vec![row; rows].join(", "))
}
