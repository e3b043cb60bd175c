//! Writing: all that belongs together, one statement a table, sent as one.
//!
//! Everything was decided before, in memory, from a look. What ties the writing to that look is the
//! *guard*: an update that names the version of each account as it was read, and fails – with all
//! the rest – if one has moved. So nothing is locked while anything is decided, and nothing is
//! written that was decided from what is no longer true.
//!
//! PostgreSQL runs all of it as one statement with data-modifying parts: one round trip, one
//! commit. SQLite has no such statements; it gets a script from BEGIN to COMMIT, which is one
//! message to the thread that owns the connection.

use super::row::{Column, JsonRows, Row, TableRow};
use super::sql::{as_table, with_members};
use super::texts::{Shape, Texts};
use crate::{Id, ProgramId};
use sea_orm::{DbBackend, Statement, Value};

/// Rows to be written to a program's tables.
#[derive(Debug)]
pub(crate) struct Writes {
    program: ProgramId,
    guard: Option<Part>,
    parts: Vec<Part>,
}

/// A statement and its rows.
#[derive(Debug)]
struct Part {
    sql: Sql,
    columns: &'static [Column],
    rows: JsonRows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sql {
    Insert(&'static str),
    Text(&'static str),
}

/// What is written, without the rows: the text of the statement follows from it. The first part runs
/// before the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct WriteShape(Vec<(Sql, &'static [Column])>);

/// What was there at some moment, to come back to.
#[derive(Debug)]
pub(crate) struct Mark(Vec<(usize, usize)>);

impl Writes {
    pub(crate) fn to(program: ProgramId) -> Self {
        Self { program, guard: None, parts: Vec::new() }
    }

    /// To tables that are the whole platform's.
    pub(crate) fn to_all() -> Self {
        Self::to(ProgramId::ALL)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.guard.is_none() && self.parts.iter().all(|part| part.rows.is_empty())
    }

    /// Inserts a row.
    pub(crate) fn insert<R: TableRow>(&mut self, row: &R) {
        self.part::<R>(Sql::Insert(R::TABLE)).push(row);
    }

    /// Runs a statement over rows, which stand in it as `{rows}`; `$1` is the program.
    pub(crate) fn run<R: Row>(&mut self, sql: &'static str, row: &R) {
        self.part::<R>(Sql::Text(sql)).push(row);
    }

    /// Runs, before all else, the statement that fails if what was read has moved.
    pub(crate) fn guard<R: Row>(&mut self, sql: &'static str, rows: JsonRows) {
        if !rows.is_empty() {
            self.guard = Some(Part { sql: Sql::Text(sql), columns: R::COLUMNS, rows });
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.parts.iter().map(|part| part.rows.mark()).collect())
    }

    /// Takes back what was added since.
    pub(crate) fn reset(&mut self, Mark(marks): &Mark) {
        self.parts.truncate(marks.len());
        for (part, mark) in self.parts.iter_mut().zip(marks) {
            part.rows.reset(*mark);
        }
    }

    fn part<R: Row>(&mut self, sql: Sql) -> &mut JsonRows {
        let index = self.parts.iter().position(|part| part.sql == sql).unwrap_or_else(|| {
            self.parts.push(Part { sql, columns: R::COLUMNS, rows: JsonRows::new() });
            self.parts.len() - 1
        });
        &mut self.parts[index].rows
    }

    /// The statement, or script, that does all of it.
    pub(super) fn into_statement(self, texts: &Texts<WriteShape>, backend: DbBackend) -> Statement {
        let mut values: Vec<Value> = vec![self.program.uuid().into()];
        let mut shape = Vec::new();
        for part in self.guard.into_iter().chain(self.parts).filter(|part| !part.rows.is_empty()) {
            shape.push((part.sql, part.columns));
            values.push(part.rows.into_json().into());
        }
        let text = texts.of(WriteShape(shape), backend);
        Statement::from_sql_and_values(backend, text, values)
    }
}

impl Shape for WriteShape {
    fn text(&self, backend: DbBackend) -> String {
        // `$1` is the program.
        let part = |(number, (sql, columns)): (usize, &(Sql, &[Column]))| {
            with_members(backend, &sql.over(columns, &as_table(backend, columns, number)))
        };
        let mut parts: Vec<String> = (2..).zip(&self.0).map(part).collect();
        if backend != DbBackend::Postgres {
            return format!("BEGIN IMMEDIATE;\n{};\nCOMMIT", parts.join(";\n"));
        }
        let first = parts.remove(0);
        if parts.is_empty() {
            return first;
        }
        let others = parts.iter().enumerate().map(|(index, part)| format!("w{index} AS ({part})"));
        format!("WITH {}\n{first}", others.collect::<Vec<_>>().join(",\n"))
    }
}

impl Sql {
    fn over(self, columns: &[Column], rows: &str) -> String {
        match self {
            Self::Text(text) => text.replace("{rows}", rows),
            Self::Insert(table) => {
                let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
                let names = names.join(", ");
                format!(
                    "INSERT INTO {table} (program_id, {names}) SELECT $1, {names} FROM {rows} AS r"
                )
            }
        }
    }
}
