//! Which tables a database has, as it says itself.

use super::cell::Class;
use super::mark;
use crate::db::Connection;
use crate::{Code, Error, Result};
use sea_orm::{DbBackend, FromQueryResult, Statement};

/// The tables of the migrations' own history, which migrating the target has filled, and of a copy.
const NOT_COPIED: [&str; 2] = ["seaql_migrations", mark::TABLE];

const COLUMNS_POSTGRES: &str = "
    SELECT c.relname::text AS table_name, a.attname::text AS column_name,
        format_type(a.atttypid, NULL) AS declared,
        array_position(i.indkey::int2[], a.attnum)::bigint AS key_place
    FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
    ORDER BY c.relname, a.attnum";
const COLUMNS_SQLITE: &str = "
    SELECT m.name AS table_name, c.name AS column_name, c.type AS declared,
        NULLIF(c.pk, 0) AS key_place
    FROM sqlite_schema AS m
    JOIN pragma_table_info(m.name) AS c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY m.name, c.cid";
const REFERENCES_POSTGRES: &str = "
    SELECT c.relname::text AS table_name, t.relname::text AS refers_to
    FROM pg_constraint AS r
    JOIN pg_class AS c ON c.oid = r.conrelid
    JOIN pg_class AS t ON t.oid = r.confrelid
    WHERE r.contype = 'f'";
const REFERENCES_SQLITE: &str = "
    SELECT m.name AS table_name, r.\"table\" AS refers_to
    FROM sqlite_schema AS m
    JOIN pragma_foreign_key_list(m.name) AS r
    WHERE m.type = 'table'";

/// A table whose rows are copied.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of its primary key.
    key: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) class: Class,
    /// The type as this database calls it, in lower case.
    pub(super) declared: String,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    table_name: String,
    column_name: String,
    declared: String,
    key_place: Option<i64>,
}

#[derive(FromQueryResult)]
struct Reference {
    table_name: String,
    refers_to: String,
}

/// The tables of a database, each after those that it refers to.
pub(super) async fn tables(connection: &mut Connection) -> Result<Vec<Table>> {
    let (columns, references) = match connection.backend() {
        DbBackend::Postgres => (COLUMNS_POSTGRES, REFERENCES_POSTGRES),
        _ => (COLUMNS_SQLITE, REFERENCES_SQLITE),
    };
    let mut tables: Vec<Table> = Vec::new();
    let mut places = Vec::new();
    for row in rows::<ColumnRow>(connection, columns).await? {
        if NOT_COPIED.contains(&row.table_name.as_str()) {
            continue;
        }
        if tables.last().is_none_or(|table| table.name != row.table_name) {
            tables.push(Table {
                name: row.table_name.clone(),
                columns: Vec::new(),
                key: Vec::new(),
            });
            places.clear();
        }
        let Some(table) = tables.last_mut() else { continue };
        if let Some(place) = row.key_place {
            places.push((place, row.column_name.clone()));
            places.sort_unstable();
            table.key = places.iter().map(|(_, name)| name.clone()).collect();
        }
        table.columns.push(Column::of(row)?);
    }
    Ok(in_order(tables, &rows::<Reference>(connection, references).await?))
}

async fn rows<R: FromQueryResult>(connection: &mut Connection, sql: &str) -> Result<Vec<R>> {
    let statement = Statement::from_string(connection.backend(), sql);
    let found = connection.rows(&statement).await?;
    Ok(found.iter().map(|row| R::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// Those first that refer to nothing which is still to come.
fn in_order(mut waiting: Vec<Table>, references: &[Reference]) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_free = |table: &Table| {
            let mut its = references.iter().filter(|reference| reference.table_name == table.name);
            its.all(|reference| {
                reference.refers_to == table.name
                    || !waiting.iter().any(|other| other.name == reference.refers_to)
            })
        };
        // In a circle nobody is free; the database says so when it refuses a row.
        let next = waiting.iter().position(is_free).unwrap_or_default();
        ordered.push(waiting.remove(next));
    }
    ordered
}

impl Table {
    /// The same, with the columns in the order of another; none when they are other columns.
    pub(super) fn in_order_of(&self, other: &Self) -> Option<Self> {
        let same = |column: &Column| {
            let found = self.columns.iter().find(|one| one.name == column.name)?;
            (found.class == column.class).then(|| found.clone())
        };
        let columns: Vec<_> = other.columns.iter().map_while(same).collect();
        let is_whole = columns.len() == other.columns.len() && columns.len() == self.columns.len();
        is_whole.then(|| Self { columns, ..self.clone() })
    }

    /// The columns as a list in SQL.
    pub(super) fn column_list(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        names.join(", ")
    }

    /// A select of all rows, each value in its class, in the order of the key: so SQLite appends
    /// them to its tables.
    pub(super) fn select(&self, backend: DbBackend) -> String {
        let values: Vec<_> = self.columns.iter().map(|column| column.selected(backend)).collect();
        let key: Vec<_> = self.key.iter().map(|name| quoted(name)).collect();
        let order =
            if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) };
        format!("SELECT {} FROM {}{order}", values.join(", "), quoted(&self.name))
    }
}

impl Column {
    fn of(row: ColumnRow) -> Result<Self> {
        let declared = row.declared.to_lowercase();
        let class = match declared.as_str() {
            "bigint" | "integer" | "smallint" | "boolean" => Class::Integer,
            "double precision" => Class::Real,
            "text" | "json" => Class::Text,
            "uuid" | "bytea" | "blob" => Class::Bytes,
            _ => {
                let (table, column) = (row.table_name, row.column_name);
                let why =
                    format!("`{table}.{column}` is of the type {declared}, which is not copied");
                return Err(Error::new(Code::InvalidInput, why));
            }
        };
        Ok(Self { name: row.column_name, class, declared })
    }

    fn selected(&self, backend: DbBackend) -> String {
        let name = quoted(&self.name);
        if backend != DbBackend::Postgres {
            return name;
        }
        match self.declared.as_str() {
            "uuid" => format!("uuid_send({name})"),
            "boolean" => format!("{name}::int::bigint"),
            "integer" | "smallint" => format!("{name}::bigint"),
            "json" => format!("{name}::text"),
            _ => name,
        }
    }
}

/// A name as SQL takes it whatever it is.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
