//! Moving a program to another version of a plugin, up or back, and who runs what.

use super::keyed::PluginName;
use super::parking::FREE_ALL;
use super::quarantine::{RETRY, program_changed};
use super::versions::{self, Offered};
use crate::context::{Before, Context, Enabled, FaultReport, Program, RolledBack, Status};
use crate::db::{TryError, Writes, id, retry, row};
use crate::{Code, Error, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::time::Duration;

/// What moving a program did.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The version that the program ran before.
    pub from: String,
    pub to: String,
    /// False when the program ran this very component already.
    pub is_new: bool,
}

/// A program that runs a component of a plugin.
#[derive(Clone, Debug)]
pub struct RunBy {
    pub program: ProgramId,
    pub slug: String,
    pub plugin: String,
    pub version: String,
    pub digest: String,
    pub status: Status,
}

#[derive(FromQueryResult)]
struct Stands {
    program_version: i64,
    source: String,
    digest: String,
    config: Value,
    before: String,
}

row! {
    struct Move {
        plugin_id: String,
        digest: String,
        moved_at: Timestamp,
    }
}

row! {
    struct RollBack {
        plugin_id: String,
        digest: String,
        rolled_back: Value,
    }
}

row! {
    struct Version {
        version: i64,
    }
}

const STANDS: &str = "
    SELECT g.version AS program_version, r.source, e.digest, e.config, c.version AS before
    FROM programs AS g
    CROSS JOIN program_revisions AS r
    CROSS JOIN program_plugins AS e
    CROSS JOIN plugin_components AS c
    WHERE g.id = $1 AND r.program_id = $1 AND r.revision = g.revision
        AND e.program_id = $1 AND e.plugin_id = $2 AND e.status <> 'DISABLED'
        AND c.digest = e.digest";
/// A quarantine is the component's, so another component ends it.
const MOVE: &str = "
    UPDATE program_plugins
    SET digest = r.digest, previous_digest = program_plugins.digest, moved_at = r.moved_at,
        status = CASE WHEN program_plugins.status = 'PAUSED' THEN 'PAUSED' ELSE 'ACTIVE' END,
        fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0, rolled_back = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id";
/// Back to what ran before, from where there is no further way back by itself.
const ROLL_BACK: &str = "
    UPDATE program_plugins
    SET digest = program_plugins.previous_digest, previous_digest = NULL, moved_at = NULL,
        status = 'ACTIVE', fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0,
        rolled_back = r.rolled_back
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id
        AND program_plugins.digest = r.digest AND program_plugins.previous_digest IS NOT NULL";
const CHANGED_SINCE: &str = "
    UPDATE programs
    SET version = CASE WHEN programs.version = r.version THEN r.version + 1 END
    FROM {rows} AS r
    WHERE programs.id = $1";

/// Makes a program run a version of a plugin that it enables.
pub(super) async fn use_version(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    version: &str,
) -> Result<Moved> {
    retry("moving a plugin", || attempt(context, program, plugin, version)).await
}

async fn attempt(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    version: &str,
) -> Result<Moved, TryError> {
    let stands = stands(context, program, plugin).await?;
    let offered = versions::version(context, plugin, version).await?;
    stands.check(context, plugin, &offered).await?;
    let moved =
        Moved { is_new: offered.digest != stands.digest, from: stands.before, to: offered.version };
    if moved.is_new {
        let mut writes = Writes::to(program);
        writes.run(CHANGED_SINCE, &Version { version: stands.program_version });
        let moved_at = context.now();
        writes.run(MOVE, &Move { plugin_id: plugin.to_owned(), digest: offered.digest, moved_at });
        for again in [RETRY, FREE_ALL] {
            writes.run(again, &PluginName { plugin_id: plugin.to_owned() });
        }
        context.db.commit(writes).await?;
        context.forget(program);
        context.wake();
    }
    Ok(moved)
}

/// How long after a move a plugin that fails too often goes back to what it was.
const FRESH: Duration = Duration::from_hours(1);

/// Goes back to the version before, if the program came from there a short while ago, its file does
/// not name the version that it runs, and its configuration fits. Returns whether it did.
pub(super) async fn roll_back(
    context: &Context,
    program: &Program,
    plugin: &Enabled,
    report: &FaultReport,
) -> Result<bool> {
    let Some(Before { digest, until }) = &plugin.before else { return Ok(false) };
    let wanted = program.definition.plugins().get(&plugin.id);
    let is_named = wanted.is_some_and(|wanted| wanted.version.is_some());
    if is_named || context.now() > until.plus(FRESH) {
        return Ok(false);
    }
    let before = context.component(digest).await?.manifest;
    if before.check_config(&plugin.config).is_err() {
        return Ok(false);
    }
    let (slug, to) = (&program.definition.slug, &before.version);
    let version = plugin.component.manifest.version.clone();
    tracing::warn!(plugin = plugin.id, program = slug, version, to, "a plugin is rolled back");
    metrics::counter!(
        "perennial_plugin_rollbacks_total",
        "program" => slug.clone(), "plugin" => plugin.id.clone()
    )
    .increment(1);
    let (digest, fault) = (plugin.component.digest.clone(), report.clone());
    let rolled_back = RolledBack { version, digest: digest.clone(), at: context.now(), fault };
    let rolled_back = serde_json::to_value(&rolled_back)
        .map_err(|error| Error::internal("a fault that cannot be JSON").caused_by(error))?;
    let mut writes = Writes::to(program.id);
    writes.run(ROLL_BACK, &RollBack { plugin_id: plugin.id.clone(), digest, rolled_back });
    for again in [RETRY, FREE_ALL] {
        writes.run(again, &PluginName { plugin_id: plugin.id.clone() });
    }
    program_changed(&mut writes);
    context.db.commit(writes).await.map_err(Error::from)?;
    context.forget(program.id);
    context.wake();
    Ok(true)
}

async fn stands(context: &Context, program: ProgramId, plugin: &str) -> Result<Stands> {
    let db = &context.db;
    let statement = db.sql(STANDS, [id(program), plugin.into()]);
    let found = Stands::find_by_statement(statement).one(db.read()).await?;
    found.ok_or_else(|| {
        let why = format!("the program enables no plugin `{plugin}`");
        Error::new(Code::PluginNotFound, why).at("pluginKey")
    })
}

impl Stands {
    /// Whether the program's file lets it go there, and its configuration fits.
    async fn check(&self, context: &Context, plugin: &str, offered: &Offered) -> Result<()> {
        let definition = context.assemble(&self.source)?;
        let named = definition.plugins().get(plugin).and_then(|wanted| wanted.version.as_ref());
        if let Some(named) = named.filter(|named| **named != offered.version) {
            let why = format!(
                "the program file names version {named} of the plugin: change it there, and apply \
                 the file"
            );
            return Err(Error::new(Code::InvalidInput, why).at("version"));
        }
        let manifest = context.component(&offered.digest).await?.manifest;
        let wrong = |error: Error| error.at(format!("plugins.{plugin}"));
        manifest.check_config(&self.config).map_err(Error::from).map_err(wrong)
    }
}

/// Which program runs which component, of all plugins.
pub(super) async fn run_by(context: &Context) -> Result<Vec<RunBy>> {
    #[derive(FromQueryResult)]
    struct Row {
        program: ProgramId,
        slug: String,
        plugin: String,
        version: String,
        digest: String,
        status: String,
    }
    const SELECT: &str = "
        SELECT g.id AS program, g.slug, e.plugin_id AS plugin, c.version, e.digest, e.status
        FROM programs AS g
        JOIN program_plugins AS e ON e.program_id = g.id
        JOIN plugin_components AS c ON c.digest = e.digest
        ORDER BY e.plugin_id, g.slug";
    let db = &context.db;
    let rows = Row::find_by_statement(db.sql(SELECT, [])).all(db.read()).await?;
    let run_by = |row: Row| RunBy {
        program: row.program,
        slug: row.slug,
        plugin: row.plugin,
        version: row.version,
        digest: row.digest,
        status: Status::of(&row.status),
    };
    Ok(rows.into_iter().map(run_by).collect())
}
