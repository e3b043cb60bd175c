//! Looking: many questions in one statement, so that what a decision needs costs one round trip,
//! whatever it is and however many members it is about.
//!
//! Each question is a select of its own whose rows come back as JSON. `$1` is the program
//! everywhere; the table `p` has its version, its test clock and its now, which come with every
//! look: whoever looks learns whether what is kept of the program in memory still stands.

use super::row::{Column, JsonRows, Row};
use super::sql::{as_json, as_table, with_each};
use super::texts::Shape;
use super::{Connection, Database, row};
use crate::{Error, Id, ProgramId, Result, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// Questions about a program, to be sent together.
pub(crate) struct Look {
    shape: LookShape,
    values: Vec<Value>,
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

/// What is asked, without the values: the text of the statement follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct LookShape {
    tables: Vec<(&'static str, Select)>,
    questions: Vec<(&'static [Column], Select)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Select {
    text: &'static str,
    keys: Option<Keys>,
}

/// The rows that stand as `{rows}` in a select: parameter `$number`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Keys {
    columns: &'static [Column],
    number: usize,
}

row! {
    /// How a program stood when somebody looked.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Stamp {
        pub(crate) version: i64,
        /// The test clock of a sandbox, else the server's clock.
        pub(crate) now: Timestamp,
    }
}

const PROGRAM: &str = "
    SELECT version, COALESCE(test_clock_at, $2) AS now
    FROM programs
    WHERE id = $1";

impl Look {
    /// At a program, at the server's `now`.
    pub(crate) fn at(program: ProgramId, now: Timestamp) -> Self {
        let mut look = Self {
            shape: LookShape { tables: Vec::new(), questions: Vec::new() },
            values: vec![program.uuid().into(), now.into()],
            stamp: Question::at(0),
        };
        look.table("p", PROGRAM);
        look.stamp = look.ask("SELECT version, now FROM p");
        look
    }

    /// Names the rows of a select, for the questions that follow. The last part of a `UNION` may add
    /// to the rows what follows from each of them.
    pub(crate) fn table(&mut self, name: &'static str, select: &'static str) {
        self.shape.tables.push((name, Select { text: select, keys: None }));
    }

    /// Names the rows of a select over `keys`, which stand in it as `{rows}`.
    pub(crate) fn table_over<K: Row>(
        &mut self,
        name: &'static str,
        select: &'static str,
        keys: &[K],
    ) {
        let select = self.select_over(select, keys);
        self.shape.tables.push((name, select));
    }

    /// Puts a question; its select has the columns of `R`.
    pub(crate) fn ask<R: Row>(&mut self, select: &'static str) -> Question<R> {
        self.put(Select { text: select, keys: None })
    }

    /// Puts a question over `keys`, which stand in its select as `{rows}`.
    pub(crate) fn ask_over<K: Row, R: Row>(
        &mut self,
        select: &'static str,
        keys: &[K],
    ) -> Question<R> {
        let select = self.select_over(select, keys);
        self.put(select)
    }

    fn select_over<K: Row>(&mut self, text: &'static str, keys: &[K]) -> Select {
        self.values.push(JsonRows::of(keys).into_json().into());
        Select { text, keys: Some(Keys { columns: K::COLUMNS, number: self.values.len() }) }
    }

    fn put<R: Row>(&mut self, select: Select) -> Question<R> {
        self.shape.questions.push((R::COLUMNS, select));
        Question::at(self.shape.questions.len() - 1)
    }

    /// Sends all questions as one statement.
    pub(crate) async fn send(self, db: &Database) -> Result<Answers> {
        let (questions, stamp) = (self.shape.questions.len(), self.stamp);
        let row = db.read().query_one_raw(self.into_statement(db)).await?;
        answers(row, questions, stamp)
    }

    /// The same over a connection of the database, which may be in a snapshot.
    pub(crate) async fn send_over(
        self,
        db: &Database,
        connection: &mut Connection,
    ) -> Result<Answers> {
        let (questions, stamp) = (self.shape.questions.len(), self.stamp);
        let row = connection.rows(&self.into_statement(db)).await?.pop();
        answers(row, questions, stamp)
    }

    fn into_statement(self, db: &Database) -> Statement {
        let text = db.look_texts.of(self.shape, db.backend());
        Statement::from_sql_and_values(db.backend(), text, self.values)
    }
}

/// What one row answers.
fn answers(row: Option<QueryResult>, questions: usize, stamp: Question<Stamp>) -> Result<Answers> {
    let row = row.ok_or_else(|| Error::internal("a look without an answer"))?;
    let texts: Result<Vec<_>, _> =
        (0..questions).map(|index| row.try_get_by_index(index)).collect();
    Ok(Answers { texts: texts?, stamp })
}

impl Shape for LookShape {
    fn text(&self, backend: DbBackend) -> String {
        let table = |(name, select): &(&str, Select)| {
            format!("{name} AS MATERIALIZED ({})", select.text(backend))
        };
        let tables: Vec<_> = self.tables.iter().map(table).collect();
        let question = |(columns, select): &(&'static [Column], Select)| {
            as_json(backend, columns, &select.text(backend))
        };
        let questions: Vec<_> = self.questions.iter().map(question).collect();
        format!("WITH RECURSIVE {}\nSELECT {}", tables.join(",\n"), questions.join(",\n"))
    }
}

impl Select {
    fn text(&self, backend: DbBackend) -> String {
        let text = with_each(backend, self.text);
        match &self.keys {
            Some(Keys { columns, number }) => {
                text.replace("{rows}", &as_table(backend, columns, *number))
            }
            None => text,
        }
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
        f.debug_struct("Look").field("shape", &self.shape).finish_non_exhaustive()
    }
}
