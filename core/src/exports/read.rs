//! Reading an export: a task of its own reads the snapshot, a part ahead of whoever takes it.

use super::sections::{self, Section};
use crate::context::Context;
use crate::db::{Snapshot, id};
use crate::members::{MemberRef, erased, not_found};
use crate::{Actor, Code, Error, MemberId, ProgramId, Result, Timestamp};
use futures::TryStreamExt;
use sea_orm::{QueryResult, Value};
use serde_json::{Map, json};
use std::sync::Arc;
use std::task::{Context as Waker, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many a process makes at a time: each has a connection of its own.
const AT_ONCE_MAX: usize = 4;
/// How long a part waits for whoever reads. A snapshot that stands for long keeps PostgreSQL from
/// removing old versions of rows.
const WAIT_MAX: Duration = Duration::from_mins(2);
/// A part is complete when it has so many bytes.
const PART_BYTES: usize = 64 << 10;
/// Parts that wait between whoever reads the database and whoever takes them.
const PARTS_WAITING: usize = 2;
/// The form of the document.
const FORM: u32 = 1;

static AT_ONCE: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// All that is kept about a member, as lines of JSON.
#[derive(Debug)]
pub struct Export {
    pub member: MemberId,
    parts: Receiver<Result<String>>,
}

/// What is exported, and to whom it goes.
struct Reading {
    snapshot: Snapshot,
    program: ProgramId,
    /// The member, and whoever was merged into it.
    members: Vec<MemberId>,
    parts: Sender<Result<String>>,
    /// Lines that were not passed on yet.
    lines: String,
    rows: u64,
    _one_of_few: SemaphorePermit<'static>,
}

const FOUND: &str = "
    SELECT s.id, s.erased_at, p.slug
    FROM members AS m
    JOIN members AS s ON s.program_id = $1 AND s.id = COALESCE(m.merged_into, m.id)
    JOIN programs AS p ON p.id = m.program_id
    WHERE m.program_id = $1 AND ";
/// Whoever was merged into a member.
const MERGED: &str = "
    SELECT m.id
    FROM members AS m
    WHERE m.program_id = $1 AND m.merged_into = $2
    ORDER BY m.id";

pub(super) async fn begin(
    context: &Arc<Context>,
    actor: &Actor,
    member: &MemberRef,
) -> Result<Export> {
    let permit = AT_ONCE.try_acquire().map_err(|_| {
        let why = format!("{AT_ONCE_MAX} exports are being made, which is as many as can be");
        Error::new(Code::Unavailable, why)
    })?;
    let program = actor.program();
    let mut snapshot = Snapshot::open(&context.db).await?;
    let (which, value): (_, Value) = match member {
        MemberRef::Id(member) => ("m.id = $2", id(*member)),
        MemberRef::ExternalId(external_id) => ("m.external_id = $2", external_id.as_str().into()),
    };
    let row = snapshot.rows(&format!("{FOUND}{which}"), [id(program), value]).await?.pop();
    let row = row.ok_or_else(|| not_found().at("member"))?;
    let member: MemberId = row.try_get_by_index(0)?;
    if row.try_get_by_index::<Option<Timestamp>>(1)?.is_some() {
        return Err(erased().at("member"));
    }
    let slug: String = row.try_get_by_index(2)?;
    let mut members = vec![member];
    for row in snapshot.rows(MERGED, [id(program), id(member)]).await? {
        members.push(row.try_get_by_index(0)?);
    }
    let subject = actor.subject();
    tracing::info!(%program, %member, actor = %subject, "what is kept about a member is exported");
    let (sender, parts) = channel(PARTS_WAITING);
    let head = json!({
        "export": "member", "form": FORM, "program": slug, "member": member,
        "exportedAt": context.now(),
    });
    let reading = Reading {
        snapshot,
        program,
        members,
        parts: sender,
        lines: format!("{head}\n"),
        rows: 0,
        _one_of_few: permit,
    };
    tokio::spawn(reading.all());
    Ok(Export { member, parts })
}

impl Export {
    /// The next lines; none after the last.
    pub async fn next(&mut self) -> Option<Result<String>> {
        self.parts.recv().await
    }

    /// The same for a body that is polled.
    pub fn poll_next(&mut self, waker: &mut Waker<'_>) -> Poll<Option<Result<String>>> {
        self.parts.poll_recv(waker)
    }
}

impl Reading {
    async fn all(mut self) {
        let done = self.sections().await;
        if let Err(error) = done {
            let detail = error.detail();
            tracing::warn!(why = error.message(), detail, "an export was cut off");
            drop(self.parts.send(Err(error)).await);
        }
        drop(self.snapshot.close().await);
    }

    async fn sections(&mut self) -> Result<()> {
        for member in self.members.clone() {
            for section in sections::all() {
                self.section(section, member).await?;
            }
        }
        let end = json!({ "end": true, "rows": self.rows });
        self.lines.extend([end.to_string().as_str(), "\n"]);
        pass_on(&self.parts, &mut self.lines).await
    }

    async fn section(&mut self, section: &'static Section, member: MemberId) -> Result<()> {
        let mut values = vec![id(self.program), id(member)];
        if section.names_member() {
            values.push(member.to_string().into());
        }
        let mut rows = self.snapshot.stream(&section.select(), values);
        while let Some(row) = rows.try_next().await? {
            self.rows += 1;
            self.lines.push_str(&line(section, &row, &self.members)?);
            if self.lines.len() >= PART_BYTES {
                pass_on(&self.parts, &mut self.lines).await?;
            }
        }
        Ok(())
    }
}

fn line(section: &Section, row: &QueryResult, own: &[MemberId]) -> Result<String> {
    let mut shown = Map::new();
    for (index, column) in section.columns.iter().enumerate() {
        shown.insert(column.name.to_owned(), column.read(row, index, own)?);
    }
    Ok(format!("{}\n", json!({ "table": section.table, "row": shown })))
}

async fn pass_on(parts: &Sender<Result<String>>, lines: &mut String) -> Result<()> {
    let part = std::mem::take(lines);
    match tokio::time::timeout(WAIT_MAX, parts.send(Ok(part))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Error::new(Code::Unavailable, "nobody reads the export any more")),
        Err(_) => {
            let why = format!("nobody has read on for {} seconds", WAIT_MAX.as_secs());
            Err(Error::new(Code::Unavailable, why))
        }
    }
}
