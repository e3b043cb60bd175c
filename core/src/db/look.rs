//! Looking: many questions in one statement, so that what a decision needs costs one round trip,
//! whatever it is and however many members it is about.
//!
//! Each question is a select of its own whose rows come back as JSON. `$1` is the program
//! everywhere; the table `p` has its version, its test clock and its now, which come with every
//! look: whoever looks learns whether what is kept of the program in memory still stands.

use super::row::{Column, JsonRows, Row, as_json, as_table, with_each};
use super::{Database, row};
use crate::{Error, Id, ProgramId, Result, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// Questions about a program, to be sent together.
pub(crate) struct Look {
    program: ProgramId,
    values: Vec<Value>,
    tables: Vec<(&'static str, String, Option<&'static [Column]>, usize)>,
    questions: Vec<(&'static [Column], String)>,
    stamp: Question<Stamp>,
}

/// A question that was put; the answer is read with it.
pub(crate) struct Question<R> {
    index: usize,
    rows: PhantomData<fn() -> R>,
}

/// Answers, one text a question.
pub(crate) struct Answers {
    texts: Vec<Option<String>>,
    stamp: Question<Stamp>,
}

row! {
    /// How a program stood when somebody looked.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Stamp {
        pub(crate) version: i64,
        /// The test clock of a sandbox, else the machine's clock.
        pub(crate) now: Timestamp,
    }
}

const PROGRAM: &str = "
    SELECT version, COALESCE(test_clock_at, $2) AS now
    FROM programs
    WHERE id = $1";

impl Look {
    /// At a program, at the machine's `now`.
    pub(crate) fn at(program: ProgramId, now: Timestamp) -> Self {
        let mut look = Self {
            program,
            values: vec![program.uuid().into(), now.into()],
            tables: vec![("p", PROGRAM.to_owned(), None, 0)],
            questions: Vec::new(),
            stamp: Question::at(0),
        };
        look.stamp = look.ask("SELECT version, now FROM p");
        look
    }

    /// Adds a value; answers its place, such as `$3`.
    pub(crate) fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Names the rows of a select, for the questions that follow.
    pub(crate) fn table(&mut self, name: &'static str, select: impl Into<String>) {
        self.tables.push((name, select.into(), None, 0));
    }

    /// Names the rows of a select over `keys`, which stand in it as `{rows}`.
    pub(crate) fn table_over<R: Row>(
        &mut self,
        name: &'static str,
        select: impl Into<String>,
        keys: JsonRows,
    ) {
        self.values.push(keys.into_json().into());
        self.tables.push((name, select.into(), Some(R::COLUMNS), self.values.len()));
    }

    /// Puts a question; its select has the columns of `R`.
    pub(crate) fn ask<R: Row>(&mut self, select: impl Into<String>) -> Question<R> {
        self.questions.push((R::COLUMNS, select.into()));
        Question::at(self.questions.len() - 1)
    }

    /// Sends all questions as one statement.
    pub(crate) async fn send(self, db: &Database) -> Result<Answers> {
        let reader = db.read();
        let statement = self.statement(db.backend());
        let row = reader.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Error::internal("a look without an answer"))?;
        let texts: Result<Vec<_>, _> =
            (0..self.questions.len()).map(|index| row.try_get_by_index(index)).collect();
        Ok(Answers { texts: texts?, stamp: self.stamp })
    }

    fn statement(&self, backend: DbBackend) -> Statement {
        let table = |(name, select, columns, number): &(&str, String, Option<&[Column]>, usize)| {
            let select = with_each(backend, select);
            let select = match columns {
                Some(columns) => select.replace("{rows}", &as_table(backend, columns, *number)),
                None => select,
            };
            format!("{name} AS MATERIALIZED ({select})")
        };
        let tables: Vec<_> = self.tables.iter().map(table).collect();
        let question = |(columns, select): &(&'static [Column], String)| {
            as_json(backend, columns, &with_each(backend, select))
        };
        let questions: Vec<_> = self.questions.iter().map(question).collect();
        let text = format!("WITH {}\nSELECT {}", tables.join(",\n"), questions.join(",\n"));
        Statement::from_sql_and_values(backend, text, self.values.iter().cloned())
    }
}

impl Answers {
    /// The rows that a question found.
    pub(crate) fn rows<R: DeserializeOwned>(&self, question: Question<R>) -> Result<Vec<R>> {
        let Some(text) = self.texts.get(question.index).and_then(Option::as_deref) else {
            return Ok(Vec::new());
        };
        serde_json::from_str(text).map_err(|error| {
            let rows = std::any::type_name::<R>();
            Error::internal(format!("an answer cannot be read as {rows}")).caused_by(error)
        })
    }

    /// How the program stood; none when there is no such program.
    pub(crate) fn stamp(&self) -> Result<Option<Stamp>> {
        Ok(self.rows(self.stamp)?.pop())
    }
}

impl<R> Question<R> {
    const fn at(index: usize) -> Self {
        Self { index, rows: PhantomData }
    }
}

impl<R> Clone for Question<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Question<R> {}

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Look").field("program", &self.program).finish_non_exhaustive()
    }
}
