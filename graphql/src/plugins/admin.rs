//! The plugins of a program, for the operator: their status and versions, moving the program from
//! version to version, and resuming them.

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Json, Long};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::plugins::{FaultReport, Offered, PluginStatus, Status};
use perennial_core::{Actor, EventId, Loyalty, MemberId, ProgramId, Result as CoreResult};

/// A plugin that the program enables, in the version that the program runs.
#[derive(Debug, SimpleObject)]
pub(crate) struct Plugin {
    /// The plugin's id, the same in every version.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The plugin's id in the program file.
    key: String,
    /// The display name.
    name: String,
    /// The version that the program runs. It changes only by `usePluginVersion`, or if the program
    /// file names another.
    version: String,
    /// SHA-256 digest of the component that the program runs.
    digest: String,
    /// The installed versions, which the program can use; oldest first.
    offered_versions: Vec<PluginVersion>,
    /// Whether the plugin receives events.
    status: State,
    /// Why the plugin is quarantined. Null if it is active.
    fault: Option<Fault>,
    /// When the plugin was quarantined. Null if it is active.
    quarantined_at: Option<DateTime>,
    /// The number of events that wait for the plugin.
    waiting: Long,
    /// The number of events that the plugin has handled.
    handled: Long,
    /// The plugin's configuration in the program file.
    config: Json,
}

/// The status of a plugin in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status", name = "PluginStatus")]
enum State {
    /// The plugin receives events.
    Active,
    /// The plugin's events wait until an operator resumes it or moves the program to another
    /// version.
    Quarantined,
}

/// An installed version of a plugin.
#[derive(Debug, SimpleObject)]
pub(crate) struct PluginVersion {
    /// The version, a semantic version.
    version: String,
    /// SHA-256 digest of the component. A version always means the same component, unless it is a
    /// pre-release such as `1.1.0-dev`.
    digest: String,
    /// When the component was installed under this version.
    offered_at: DateTime,
    /// Whether the program runs this component.
    is_current: bool,
}

/// Why a plugin is quarantined.
#[derive(Debug, SimpleObject)]
#[graphql(name = "PluginFault")]
struct Fault {
    /// The kind of fault: `TRAP`, `OUT_OF_FUEL`, `OUT_OF_MEMORY`, `TIMEOUT`, `GARBAGE`,
    /// `NOT_ALLOWED`, `REFUSED` or `HOST`.
    kind: String,
    /// A description of the fault.
    message: String,
    /// The id of the event that the plugin failed on, which is delivered again first. Null if the
    /// plugin failed while appraising a purchase.
    event: Option<ID>,
    /// SHA-256 digest of the component that failed.
    digest: String,
    /// What the plugin logged before it failed.
    log: Vec<String>,
}

impl Plugin {
    fn new(program: ProgramId, status: PluginStatus) -> Self {
        let plugin = status.plugin;
        let manifest = &plugin.component.manifest;
        let offered = |Offered { version, digest, offered_at }| PluginVersion {
            is_current: digest == plugin.component.digest,
            offered_at: offered_at.into(),
            version,
            digest,
        };
        Self {
            id: GlobalId::Plugin(program, plugin.id.clone()).into(),
            key: plugin.id,
            offered_versions: status.offered.into_iter().map(offered).collect(),
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

    /// All plugins that the actor's program enables.
    async fn all(loyalty: &Loyalty, actor: &Actor) -> CoreResult<Vec<Self>> {
        let plugins = loyalty.plugins().list(actor).await?.into_iter();
        Ok(plugins.map(|status| Self::new(actor.program(), status)).collect())
    }

    /// A plugin that the actor's program enables, by its key.
    pub(crate) async fn find(
        loyalty: &Loyalty,
        actor: &Actor,
        key: &str,
    ) -> CoreResult<Option<Self>> {
        Ok(Self::all(loyalty, actor).await?.into_iter().find(|plugin| plugin.key == key))
    }
}

impl From<FaultReport> for Fault {
    fn from(report: FaultReport) -> Self {
        Self {
            kind: report.kind,
            message: report.message,
            event: report.member.zip(report.event).map(event),
            digest: report.digest,
            log: report.log,
        }
    }
}

fn event((member, id): (MemberId, EventId)) -> ID {
    GlobalId::Event(member, id).into()
}

/// A plugin to resume.
#[derive(Debug, InputObject)]
pub(crate) struct ResumePluginInput {
    /// The plugin's id in the program file.
    plugin_key: String,
}

/// Result of resuming a plugin.
#[derive(Debug, SimpleObject)]
pub(crate) struct ResumePluginPayload {
    /// The plugin, active again. Null if the request was refused.
    plugin: Option<Plugin>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// A plugin and the version to use.
#[derive(Debug, InputObject)]
pub(crate) struct UsePluginVersionInput {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// One of the plugin's `offeredVersions`, newer or older.
    version: String,
}

/// Result of moving the program to another version of a plugin.
#[derive(Debug, SimpleObject)]
pub(crate) struct UsePluginVersionPayload {
    /// The plugin in its new version. Null if the request was refused.
    plugin: Option<Plugin>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct PluginQuery;

#[Object]
impl PluginQuery {
    /// The plugins that the program enables.
    async fn plugins(&self, ctx: &Context<'_>) -> Result<Option<Vec<Plugin>>> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(Some(Plugin::all(loyalty, actor).await?))
    }
}

#[derive(Debug, Default)]
pub(crate) struct PluginMutation;

#[Object]
impl PluginMutation {
    /// Resumes a quarantined plugin, starting with the event that it failed on. Requires the scope
    /// `admin`.
    async fn resume_plugin(
        &self,
        ctx: &Context<'_>,
        input: ResumePluginInput,
    ) -> Result<Option<ResumePluginPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (plugin, user_errors) = split(resume(loyalty, actor, &input.plugin_key).await)?;
        Ok(Some(ResumePluginPayload { plugin: plugin.flatten(), user_errors }))
    }

    /// Makes the program run another installed version of a plugin, newer or older. A quarantined
    /// plugin is resumed, starting with the event that it failed on. Refused if the program's
    /// configuration does not fit the version, or if the program file names another version. Requires
    /// the scope `admin`.
    async fn use_plugin_version(
        &self,
        ctx: &Context<'_>,
        input: UsePluginVersionInput,
    ) -> Result<Option<UsePluginVersionPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (plugin, user_errors) = split(use_version(loyalty, actor, &input).await)?;
        Ok(Some(UsePluginVersionPayload { plugin: plugin.flatten(), user_errors }))
    }
}

async fn use_version(
    loyalty: &Loyalty,
    actor: &Actor,
    input: &UsePluginVersionInput,
) -> CoreResult<Option<Plugin>> {
    loyalty.plugins().use_version(actor, &input.plugin_key, &input.version).await?;
    Plugin::find(loyalty, actor, &input.plugin_key).await
}

async fn resume(loyalty: &Loyalty, actor: &Actor, key: &str) -> CoreResult<Option<Plugin>> {
    loyalty.plugins().resume(actor, key).await?;
    Plugin::find(loyalty, actor, key).await
}
