//! A plugin of a program, as operators see it.

use super::change::PluginChange;
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Json, Long};
use async_graphql::{Enum, ID, SimpleObject};
use perennial_core::plugins::{self, Approval, Basis, FaultReport, Offered, PluginStatus, Status};
use perennial_core::{Actor, EventId, Loyalty, MemberId, ProgramId, Result as CoreResult};

/// A plugin that the program enables, in the version that the program runs.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Plugin {
    /// The plugin's id, the same in every version.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The plugin's id in the program file.
    pub(super) key: String,
    /// The display name.
    name: String,
    /// The version that the program runs. It changes only by `upgradePlugin` and `rollbackPlugin`, or if
    /// the program file names a newer one.
    version: String,
    /// SHA-256 digest of the component that the program runs.
    digest: String,
    /// The installed versions, oldest first. The program can use those that are approved.
    offered_versions: Vec<PluginVersion>,
    /// Whether the plugin receives events.
    status: State,
    /// Why the plugin was quarantined. Null if it was not.
    fault: Option<Fault>,
    /// When the plugin was quarantined. Null if it was not.
    quarantined_at: Option<DateTime>,
    /// The version that the program left by itself because it failed soon after it was taken up. Null
    /// if there is none.
    rolled_back: Option<RolledBack>,
    /// The change that the plugin is receiving, record by record and member by member. Null once all
    /// events of it are written, and if the plugin does not subscribe to `plugin-changed`.
    change: Option<PluginChange>,
    /// The number of events that wait for the plugin.
    waiting: Long,
    /// The number of members over whom the plugin stands still; see `parkedQueues`.
    parked: Long,
    /// The number of purchases about which the plugin was not heard yet; see `missedAppraisals`.
    missed: Long,
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
    /// The plugin has failed over too many members. Its events wait; it is tried on one of them after
    /// a while, or an operator resumes it or moves the program to another version.
    Quarantined,
    /// The plugin was quarantined, and the next event shows whether it can go on.
    Probing,
    /// An operator has stopped the plugin. Its events wait until it is resumed.
    Paused,
    /// The program file does not name the plugin any more. Nothing new comes to it; what waited, its
    /// timers and what it keeps are there for when the file names it again, or until it is purged.
    Disabled,
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
    /// The public key of the publisher who has signed the component, in base64url. Null for a
    /// pre-release that nobody has signed, and for what was installed before plugins were signed.
    signed_by: Option<String>,
    /// That programs can use the component. Null while it waits for an operator of the server to
    /// approve it.
    approval: Option<PluginApproval>,
    /// Whether the program runs this component.
    is_current: bool,
}

/// That programs can use a version of a plugin.
#[derive(Debug, SimpleObject)]
pub(crate) struct PluginApproval {
    /// Why.
    basis: ApprovalBasis,
    /// Since when, by the server's clock.
    approved_at: DateTime,
}

/// Why programs can use a version of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Basis", name = "PluginApprovalBasis")]
enum ApprovalBasis {
    /// An operator of the server has approved it.
    Operator,
    /// It may do nothing more than an approved version of the same publisher, or than the build of the
    /// same pre-release that it replaced.
    NothingWider,
    /// It was installed before versions were approved.
    InstalledBefore,
}

/// Why a plugin is quarantined, stands still over a member, or shows nothing of one.
#[derive(Debug, SimpleObject)]
#[graphql(name = "PluginFault")]
pub(crate) struct Fault {
    /// The kind of fault: `TRAP`, `OUT_OF_FUEL`, `OUT_OF_MEMORY`, `TIMEOUT`, `GARBAGE`,
    /// `NOT_ALLOWED`, `REFUSED`, `DAMAGED`, `HOST`, or `BUDGET`, which is none: it has given what
    /// the program allows, and waits.
    kind: String,
    /// A description of the fault.
    message: String,
    /// The id of the event that the plugin failed on. Null if the plugin failed while appraising a
    /// purchase or showing a member.
    event: Option<ID>,
    /// SHA-256 digest of the component that failed.
    digest: String,
    /// What the plugin logged before it failed.
    log: Vec<String>,
}

/// A version that the program ran for a short while.
#[derive(Debug, SimpleObject)]
#[graphql(name = "RolledBackPlugin")]
struct RolledBack {
    /// The version.
    version: String,
    /// SHA-256 digest of the component.
    digest: String,
    /// When the program went back to the version before.
    at: DateTime,
    /// The last fault of that version.
    fault: Fault,
}

impl Plugin {
    fn new(program: ProgramId, status: PluginStatus) -> Self {
        let plugin = status.plugin;
        let manifest = &plugin.component.manifest;
        let offered =
            |Offered { version, digest, offered_at, signed_by, approval }| PluginVersion {
                is_current: digest == plugin.component.digest,
                offered_at: offered_at.into(),
                approval: approval.map(PluginApproval::from),
                version,
                digest,
                signed_by,
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
            rolled_back: plugin.rolled_back.map(RolledBack::from),
            change: status.change.map(PluginChange::from),
            waiting: Long(status.waiting),
            parked: Long(status.parked),
            missed: Long(status.missed),
            handled: Long(status.handled),
            config: plugin.config.into(),
        }
    }

    /// All plugins that the actor's program enables.
    pub(super) async fn all(loyalty: &Loyalty, actor: &Actor) -> CoreResult<Vec<Self>> {
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

impl From<Approval> for PluginApproval {
    fn from(Approval { basis, at }: Approval) -> Self {
        Self { basis: basis.into(), approved_at: at.into() }
    }
}

impl From<plugins::RolledBack> for RolledBack {
    fn from(left: plugins::RolledBack) -> Self {
        let plugins::RolledBack { version, digest, at, fault } = left;
        Self { version, digest, at: at.into(), fault: fault.into() }
    }
}

fn event((member, id): (MemberId, EventId)) -> ID {
    GlobalId::Event(member, id).into()
}
