//! The plugins of a program, for the operator: their status, and resuming them.

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::{DateTime, Json, Long};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::plugins::{FaultReport, PluginStatus, Status};
use perennial_core::{Actor, Loyalty};

/// A plugin that the program enables, in the version in force.
#[derive(Debug, SimpleObject)]
pub(crate) struct Plugin {
    /// The plugin's id, the same in every version.
    id: ID,
    /// What it is called.
    name: String,
    /// The version in force.
    version: String,
    /// SHA-256 of the component.
    digest: String,
    /// Whether it is told of events.
    status: State,
    /// Why it is quarantined.
    fault: Option<Fault>,
    /// Since when it is quarantined.
    quarantined_at: Option<DateTime>,
    /// How many events wait for it.
    waiting: Long,
    /// How many events it handled.
    handled: Long,
    /// Its configuration in the program file.
    config: Json,
}

/// How a plugin fares in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status", name = "PluginStatus")]
enum State {
    /// It is told of events.
    Active,
    /// Its events wait until an operator resumes it or a new version is installed.
    Quarantined,
}

/// Why a plugin is quarantined.
#[derive(Debug, SimpleObject)]
#[graphql(name = "PluginFault")]
struct Fault {
    /// `TRAP`, `OUT_OF_FUEL`, `OUT_OF_MEMORY`, `TIMEOUT`, `GARBAGE`, `NOT_ALLOWED`, `REFUSED` or `HOST`.
    kind: String,
    /// What happened.
    message: String,
    /// The id of the event that met the fault, the first to be delivered again; none when it was an appraisal.
    event: Option<ID>,
    /// SHA-256 of the component that failed.
    digest: String,
    /// What the plugin logged before it failed.
    log: Vec<String>,
}

impl From<PluginStatus> for Plugin {
    fn from(status: PluginStatus) -> Self {
        let plugin = status.plugin;
        let manifest = &plugin.component.manifest;
        Self {
            id: plugin.id.into(),
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            digest: plugin.component.digest,
            status: plugin.status.into(),
            fault: plugin.fault.map(Fault::from),
            quarantined_at: plugin.quarantined_at.map(DateTime::from),
            waiting: Long(status.waiting),
            handled: Long(status.handled),
            config: plugin.config.into(),
        }
    }
}

impl From<FaultReport> for Fault {
    fn from(report: FaultReport) -> Self {
        Self {
            kind: report.kind,
            message: report.message,
            event: report.event.map(|id| id.to_string().into()),
            digest: report.digest,
            log: report.log,
        }
    }
}

/// Which plugin to resume.
#[derive(Debug, InputObject)]
pub(crate) struct ResumePluginInput {
    /// The plugin's id.
    plugin: ID,
}

/// What came of resuming a plugin.
#[derive(Debug, SimpleObject)]
pub(crate) struct ResumePluginPayload {
    /// The plugin, active again.
    plugin: Option<Plugin>,
    /// Why nothing was resumed.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct PluginQuery;

#[Object]
impl PluginQuery {
    /// The plugins of the program.
    async fn plugins(&self, ctx: &Context<'_>) -> Result<Vec<Plugin>> {
        let (loyalty, actor) = ctx.caller()?;
        let plugins = loyalty.plugins().list(actor).await?;
        Ok(plugins.into_iter().map(Plugin::from).collect())
    }
}

#[derive(Debug, Default)]
pub(crate) struct PluginMutation;

#[Object]
impl PluginMutation {
    /// Lets a quarantined plugin go on with the event that met the fault. Needs the scope `admin`.
    async fn resume_plugin(
        &self,
        ctx: &Context<'_>,
        input: ResumePluginInput,
    ) -> Result<ResumePluginPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let (plugin, user_errors) = split(resume(loyalty, actor, &input.plugin).await)?;
        Ok(ResumePluginPayload { plugin: plugin.flatten(), user_errors })
    }
}

async fn resume(
    loyalty: &Loyalty,
    actor: &Actor,
    id: &str,
) -> perennial_core::Result<Option<Plugin>> {
    loyalty.plugins().resume(actor, id).await?;
    let plugins = loyalty.plugins().list(actor).await?;
    Ok(plugins.into_iter().find(|status| status.plugin.id == id).map(Plugin::from))
}
