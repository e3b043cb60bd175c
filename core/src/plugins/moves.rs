//! Moving a program to another version of a plugin: up by `upgrade`, which never goes down, and down
//! by `rollback`, which never goes up. What it does by itself is in `falling_back`.

use super::change::Change;
use super::keyed::PluginName;
use super::owners;
use super::quarantine::AGAIN;
use super::versions::{self, Offered, is_above};
use crate::context::Context;
use crate::db::{TryError, Writes, id, retry, row};
use crate::facts::PluginChange;
use crate::{Code, Error, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// What moving a program did.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The version that the program ran before.
    pub from: String,
    pub to: String,
    /// False when the program ran this very component already.
    pub is_new: bool,
    /// The version that the program's file names, if that is another: the next file that names it
    /// moves the program there.
    pub file_names: Option<String>,
}

/// A version and its component.
struct Target {
    version: String,
    digest: String,
}

#[derive(FromQueryResult)]
struct Stands {
    program_version: i64,
    slug: String,
    source: String,
    digest: String,
    config: Value,
    version: String,
    /// What the program came from, if it came up.
    previous_digest: Option<String>,
    previous_version: Option<String>,
}

row! {
    struct Move {
        plugin_id: String,
        digest: String,
        moved_at: Timestamp,
    }
}

row! {
    struct Version {
        version: i64,
    }
}

const STANDS: &str = "
    SELECT g.version AS program_version, g.slug, r.source, e.digest, e.config, c.version,
        e.previous_digest, b.version AS previous_version
    FROM programs AS g
    CROSS JOIN program_revisions AS r
    CROSS JOIN program_plugins AS e
    CROSS JOIN plugin_components AS c
    LEFT JOIN plugin_components AS b ON b.digest = e.previous_digest
    WHERE g.id = $1 AND r.program_id = $1 AND r.revision = g.revision
        AND e.program_id = $1 AND e.plugin_id = $2 AND e.status <> 'DISABLED'
        AND c.digest = e.digest";
/// A quarantine is the component's, so another component ends it.
const GO_UP: &str = "
    UPDATE program_plugins
    SET digest = r.digest, previous_digest = program_plugins.digest, moved_at = r.moved_at,
        status = CASE WHEN program_plugins.status = 'PAUSED' THEN 'PAUSED' ELSE 'ACTIVE' END,
        fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0, rolled_back = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id";
/// What was left is nothing to come back to by itself.
const GO_DOWN: &str = "
    UPDATE program_plugins
    SET digest = r.digest, previous_digest = NULL, moved_at = NULL,
        status = CASE WHEN program_plugins.status = 'PAUSED' THEN 'PAUSED' ELSE 'ACTIVE' END,
        fault = NULL, quarantined_at = NULL, probe_at = NULL, probes = 0, rolled_back = NULL
    FROM {rows} AS r
    WHERE program_plugins.program_id = $1 AND program_plugins.plugin_id = r.plugin_id";
/// What moves a plugin, and what it receives of it.
type Way = (&'static str, PluginChange);
const UP: Way = (GO_UP, PluginChange::Upgraded);
const DOWN: Way = (GO_DOWN, PluginChange::RolledBack);
const CHANGED_SINCE: &str = "
    UPDATE programs
    SET version = CASE WHEN programs.version = r.version THEN r.version + 1 END
    FROM {rows} AS r
    WHERE programs.id = $1";

/// Makes a program run a newer version of a plugin that it enables: the one named, or the newest.
pub(super) async fn upgrade(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    version: Option<&str>,
) -> Result<Moved> {
    let attempt = async || {
        let stands = Stands::find(context, program, plugin).await?;
        let target = stands.above(context, plugin, version).await?;
        if let Some(named) = stands.file_names(context, plugin, &target)? {
            let why = format!(
                "the program file names version {named} of the plugin: change it there, and apply \
                 the file"
            );
            return Err(TryError::Failed(Error::new(Code::InvalidInput, why).at("version")));
        }
        let hint = || {
            let to = &target.version;
            format!(
                "where one configuration cannot fit both versions, write the new one and `version = \
                 \"{to}\"` into the program file together, and apply it"
            )
        };
        let fits = stands.check_fit(context, program, plugin, &target).await;
        fits.map_err(|error| hinted(error, hint))?;
        stands.go(context, program, plugin, target, UP).await
    };
    retry("upgrading a plugin", attempt).await
}

/// Makes a program run an older version of a plugin that it enables: the one named, or the one that
/// it came from.
pub(super) async fn rollback(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    version: Option<&str>,
) -> Result<Moved> {
    let attempt = async || {
        let stands = Stands::find(context, program, plugin).await?;
        let target = stands.below(context, plugin, version).await?;
        let hint = || {
            format!(
                "where one configuration cannot fit both versions, write the old one into the \
                 program file, and apply it with `--rollback {plugin}`"
            )
        };
        let fits = stands.check_fit(context, program, plugin, &target).await;
        fits.map_err(|error| hinted(error, hint))?;
        stands.go(context, program, plugin, target, DOWN).await
    };
    retry("rolling a plugin back", attempt).await
}

/// A configuration that does not fit, and the way for one that fits only one of the versions.
fn hinted(error: Error, hint: impl FnOnce() -> String) -> Error {
    if error.code() != Code::ConfigInvalid {
        return error;
    }
    let hinted = Error::new(Code::ConfigInvalid, format!("{}; {}", error.message(), hint()));
    match error.field() {
        Some(field) => hinted.at(field),
        None => hinted,
    }
}

impl Stands {
    async fn find(context: &Context, program: ProgramId, plugin: &str) -> Result<Self> {
        let db = &context.db;
        let statement = db.sql(STANDS, [id(program), plugin.into()]);
        let found = Self::find_by_statement(statement).one(db.read()).await?;
        found.ok_or_else(|| {
            let why = format!("the program enables no plugin `{plugin}`");
            Error::new(Code::PluginNotFound, why).at("pluginKey")
        })
    }

    /// Where an upgrade goes; where the program stands already if there is nothing newer.
    async fn above(
        &self,
        context: &Context,
        plugin: &str,
        version: Option<&str>,
    ) -> Result<Target> {
        let Some(version) = version else {
            let approved = versions::offered(context, plugin).await?.into_iter();
            let approved = approved.filter(|one| one.approval.is_some()).collect();
            let next = versions::next(approved, &self.version).map(Target::from);
            return Ok(next.unwrap_or_else(|| self.target()));
        };
        let target = Target::from(versions::version(context, plugin, version).await?);
        if is_above(&self.version, &target.version) {
            let (runs, slug) = (&self.version, &self.slug);
            let why = format!(
                "the program runs {runs}, and {version} is older: `perennial plugin rollback \
                 {plugin} --program {slug} --to {version}`, or `rollbackPlugin`, goes down"
            );
            return Err(Error::new(Code::InvalidInput, why).at("version"));
        }
        Ok(target)
    }

    /// Where a rollback goes.
    async fn below(
        &self,
        context: &Context,
        plugin: &str,
        version: Option<&str>,
    ) -> Result<Target> {
        let runs = &self.version;
        let refused = |why: String| Err(Error::new(Code::InvalidInput, why).at("version"));
        let target = match version {
            Some(version) => Target::from(versions::version(context, plugin, version).await?),
            None => match self.came_from() {
                Some(target) => target,
                None => {
                    return refused(format!(
                        "the program runs {runs}, and it is not known what it came from: name the \
                         version to go back to"
                    ));
                }
            },
        };
        if !is_above(runs, &target.version) {
            let to = &target.version;
            return refused(format!(
                "the program runs {runs}, and {to} is not older: a rollback only goes down, an \
                 upgrade goes up"
            ));
        }
        Ok(target)
    }

    fn came_from(&self) -> Option<Target> {
        let (digest, version) = (self.previous_digest.clone()?, self.previous_version.clone()?);
        is_above(&self.version, &version).then_some(Target { version, digest })
    }

    fn target(&self) -> Target {
        Target { version: self.version.clone(), digest: self.digest.clone() }
    }

    /// The version that the program's file names, if that is another.
    fn file_names(
        &self,
        context: &Context,
        plugin: &str,
        target: &Target,
    ) -> Result<Option<String>> {
        let definition = context.assemble(&self.source)?;
        let named = definition.plugins().get(plugin).and_then(|wanted| wanted.version.clone());
        Ok(named.filter(|named| *named != target.version))
    }

    /// Whether the target fits what the program has: its settings, and its other plugins.
    async fn check_fit(
        &self,
        context: &Context,
        program: ProgramId,
        plugin: &str,
        target: &Target,
    ) -> Result<()> {
        let manifest = context.component(&target.digest).await?.manifest;
        let wrong = |error: Error| error.at(format!("plugins.{plugin}"));
        manifest.check_config(&self.config).map_err(Error::from).map_err(wrong)?;
        owners::check_with(context, program, plugin, &manifest).await
    }

    async fn go(
        self,
        context: &Context,
        program: ProgramId,
        plugin: &str,
        target: Target,
        (by, change): Way,
    ) -> Result<Moved, TryError> {
        let moved = Moved {
            is_new: target.digest != self.digest,
            file_names: self.file_names(context, plugin, &target)?,
            from: self.version,
            to: target.version,
        };
        if moved.is_new {
            let manifest = context.component(&target.digest).await?.manifest;
            let change = Change { change, manifest, version_before: Some(moved.from.clone()) };
            let mut writes = Writes::to(program);
            writes.run(CHANGED_SINCE, &Version { version: self.program_version });
            let (plugin_id, moved_at) = (plugin.to_owned(), context.now());
            writes.run(by, &Move { plugin_id, digest: target.digest, moved_at });
            for again in AGAIN {
                writes.run(again, &PluginName { plugin_id: plugin.to_owned() });
            }
            change.write(&mut writes, context.now());
            context.db.commit(writes).await?;
            context.forget(program);
            context.wake();
        }
        Ok(moved)
    }
}

impl From<Offered> for Target {
    fn from(Offered { version, digest, .. }: Offered) -> Self {
        Self { version, digest }
    }
}
