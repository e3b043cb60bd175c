//! A program as it is in force, and how it comes into memory.

use super::enabled::{Before, Enabled, FaultReport, RolledBack, Status};
use super::{Context, no_program};
use crate::db::{Stamp, row};
use crate::definition::Definition;
use crate::hash::sha256_hex;
use crate::runtime::{Component, Hook, Manifest};
use crate::{Code, Error, Kind, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How far the clock of a shop may be ahead: what it dates so is recorded as of now.
const AHEAD_MAX: Duration = Duration::from_mins(1);
/// The first year of anything. What is dated before has no date: the zero of a computer's time or of
/// a spreadsheet's reads as a day of 1970, 1904 or 1899.
const YEAR_MIN: i16 = 1971;

/// A program as it is in force at this moment.
#[derive(Clone, Debug)]
pub struct Program {
    pub id: ProgramId,
    pub revision: u32,
    pub definition: Arc<Definition>,
    /// The test clock of a sandbox, else the server's clock.
    pub now: Timestamp,
    /// The plugins that it enables or has enabled, by id.
    pub(crate) plugins: Arc<[Enabled]>,
    /// Stands for definition, plugins and their status: while it is the same, so are they.
    pub(super) version: i64,
}

impl Program {
    /// Stands for everything that the program is: while it is the same, nothing has changed.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// When something happened of which somebody says when, by the program's clock: now if nobody
    /// does. Fails with `FUTURE_INSTANT` at `field`.
    pub(crate) fn instant(&self, field: &str, at: Option<Timestamp>) -> Result<Timestamp> {
        let now = self.now;
        let Some(at) = at else { return Ok(now) };
        if at > now.plus(AHEAD_MAX) {
            let why = format!("{at} is later than the program's now, {now}");
            return Err(Error::new(Code::FutureInstant, why).at(field));
        }
        Ok(at.min(now))
    }

    /// The same of a `noun`, such as a purchase, that may be long ago. Fails with `INVALID_INPUT` as
    /// well.
    pub(crate) fn dated(
        &self,
        field: &str,
        at: Option<Timestamp>,
        noun: &str,
    ) -> Result<Timestamp> {
        let at = self.instant(field, at)?;
        if at.date_in(&self.definition.zone).year() < YEAR_MIN {
            let why = format!("{at} is before {YEAR_MIN}, and no {noun} is so old");
            return Err(Error::new(Code::InvalidInput, why).at(field));
        }
        Ok(at)
    }

    /// The plugins that its file names.
    pub(crate) fn enabled(&self) -> impl Iterator<Item = &Enabled> {
        self.plugins.iter().filter(|plugin| plugin.status != Status::Disabled)
    }

    /// The plugins that its file names and that have a hook, whether or not they are asked now.
    pub(crate) fn named(&self, hook: Hook) -> impl Iterator<Item = &Enabled> {
        self.enabled().filter(move |plugin| plugin.component.manifest.hooks.contains(&hook))
    }

    /// The plugins that are asked by a hook.
    pub(crate) fn asked(&self, hook: Hook) -> impl Iterator<Item = &Enabled> {
        self.named(hook).filter(|plugin| plugin.status.is_asked())
    }
}

row! {
    struct HeadRow {
        slug: String,
        revision: u32,
        source: String,
    }
}

row! {
    struct PluginRow {
        plugin_id: String,
        digest: String,
        config: Value,
        status: String,
        fault: Option<Value>,
        quarantined_at: Option<Timestamp>,
        probes: i64,
        previous_digest: Option<String>,
        moved_at: Option<Timestamp>,
        rolled_back: Option<Value>,
    }
}

const HEAD: &str = "
    SELECT g.slug, r.revision, r.source
    FROM programs AS g
    CROSS JOIN program_revisions AS r
    WHERE g.id = $1 AND r.program_id = $1 AND r.revision = g.revision";
const PLUGINS: &str = "
    SELECT e.plugin_id, e.digest, e.config, e.status, e.fault, e.quarantined_at,
        e.probes, e.previous_digest, e.moved_at, e.rolled_back
    FROM program_plugins AS e
    WHERE e.program_id = $1
    ORDER BY e.plugin_id";

impl Context {
    /// A program as it was last seen in memory, at the server's now or as its test clock last
    /// stood; whoever decides by it looks with [`Context::ask`]. Fails with `PROGRAM_NOT_FOUND`.
    pub(crate) async fn program(&self, id: ProgramId) -> Result<Program> {
        let Some(mut program) = self.programs.get(id) else { return self.load(id).await };
        if !program.definition.is_sandbox {
            program.now = self.now();
        }
        Ok(program)
    }

    /// A program as it is in the database now; read anew only if it changed.
    pub(crate) async fn current(&self, id: ProgramId) -> Result<Program> {
        let answers = self.look(id).send(&self.db).await?;
        let stamp = answers.stamp()?.ok_or_else(no_program)?;
        match self.programs.get(id) {
            Some(known) if known.version == stamp.version => {
                self.programs.seen(id, stamp.version, stamp.now);
                Ok(Program { now: stamp.now, ..known })
            }
            _ => self.load(id).await,
        }
    }

    /// A program read from the database. Fails with `PROGRAM_UNUSABLE` if it is none that this
    /// version of the server can read.
    pub(crate) async fn load(&self, id: ProgramId) -> Result<Program> {
        let mut look = self.look(id);
        let (head, plugins) = (look.ask::<HeadRow>(HEAD), look.ask::<PluginRow>(PLUGINS));
        let answers = look.send(&self.db).await?;
        let stamp = answers.stamp()?.ok_or_else(no_program)?;
        let head = answers.rows(head)?.pop();
        let head = head.ok_or_else(|| Error::internal(format!("{id} lacks its revision")))?;
        let slug = head.slug.clone();
        match self.assembled(id, stamp, head, answers.rows(plugins)?).await {
            Ok(program) => {
                self.unusable.remove(id);
                self.programs.put(&program);
                Ok(program)
            }
            Err(passing) if passing.kind() == Kind::Unavailable => Err(passing),
            Err(cause) => Err(self.unusable.add(id, slug, cause)),
        }
    }

    async fn assembled(
        &self,
        id: ProgramId,
        stamp: Stamp,
        head: HeadRow,
        plugins: Vec<PluginRow>,
    ) -> Result<Program> {
        let definition = Arc::new((self.assemble)(&head.source)?);
        let mut enabled = Vec::new();
        for row in plugins {
            enabled.push(self.enabled(row).await?);
        }
        let (plugins, Stamp { now, version }) = (enabled.into(), stamp);
        Ok(Program { id, revision: head.revision, definition, now, plugins, version })
    }

    async fn enabled(&self, row: PluginRow) -> Result<Enabled> {
        let fault = row.fault.map(serde_json::from_value::<FaultReport>).transpose();
        let rolled_back = row.rolled_back.map(serde_json::from_value::<RolledBack>).transpose();
        let wrong = |error| Error::internal("a stored fault").caused_by(error);
        let before = row.previous_digest.zip(row.moved_at);
        Ok(Enabled {
            component: self.component(&row.digest).await?,
            id: row.plugin_id,
            config: row.config,
            status: Status::of(&row.status),
            fault: fault.map_err(wrong)?,
            quarantined_at: row.quarantined_at,
            probes: row.probes,
            before: before.map(|(digest, until)| Before { digest, until }),
            rolled_back: rolled_back.map_err(wrong)?,
        })
    }

    /// An installed component.
    pub(crate) async fn component(&self, digest: &str) -> Result<Component> {
        #[derive(FromQueryResult)]
        struct Row {
            manifest: Value,
            wasm: Vec<u8>,
        }
        const SELECT: &str = "SELECT manifest, wasm FROM plugin_components WHERE digest = $1";
        if let Some(component) = self.components.get(digest) {
            return Ok(component);
        }
        let statement = self.db.sql(SELECT, [digest.into()]);
        let row = Row::find_by_statement(statement).one(self.db.read()).await?;
        let row =
            row.ok_or_else(|| Error::internal(format!("component {digest} is not installed")))?;
        let manifest: Manifest = serde_json::from_value(row.manifest).map_err(|error| {
            Error::internal(format!("the manifest of component {digest}")).caused_by(error)
        })?;
        let component = Component {
            digest: digest.to_owned(),
            manifest: Arc::new(manifest),
            wasm: row.wasm.into(),
        };
        // One that is damaged is mended by installing it again; until then its host refuses it.
        if sha256_hex(&component.wasm) == digest {
            self.components.put(&component);
        }
        Ok(component)
    }

    pub(crate) fn forget(&self, id: ProgramId) {
        self.programs.forget(id);
    }

    /// Takes note of how a program stands, as somebody has just seen it.
    pub(crate) fn seen(&self, id: ProgramId, version: i64, now: Timestamp) {
        self.programs.seen(id, version, now);
    }
}
