//! Plugins: what they receive, and what an answer of theirs turns into.
//!
//! An event reaches a plugin by `dispatch`; what the plugin asks for is planned and applied in
//! `effects`, through the same functions that serve people, and committed by `handled`. `appraise`
//! asks for proposals, `view` for what a member may see.

mod appraise;
mod approvals;
mod breaker;
mod briefing;
pub(crate) mod budgets;
mod calls;
mod centers;
mod change;
mod dispatch;
mod effects;
mod enable;
mod falling_back;
mod grants;
mod handled;
mod install;
mod keyed;
mod look_ups;
mod moves;
mod owners;
mod parking;
pub(crate) mod probe;
mod purge;
mod quarantine;
mod queue;
pub(crate) mod recordings;
mod run_by;
mod runs;
pub(crate) mod section;
mod snapshot;
mod states;
mod trust;
mod versions;
mod view;

pub use crate::context::{Enabled, FaultReport, RolledBack, Status};
pub use crate::facts::SUBSCRIBABLE as EVENT_NAMES;
pub use crate::runtime::{
    Action, Balance, Capabilities, Component, Contact, Context, Due, Effect, Event, Fault,
    FaultKind, Found, Hook, Inspected, Known, LookUps, Manifest, Member, MemberKind, MessageText,
    PastPurchase, Proposal, Purchase, PurchaseLine, Question, Reason, Recipient, RecordKey, Run,
    Runtime, StoredRecord, TimerKey, Unique,
};
pub(crate) use appraise::{Appraisers, Missed, judge};
pub use approvals::{Approval, ApprovedVersion, Asked, Basis};
pub(crate) use centers::service_centers;
pub use change::ChangeUnderWay;
pub(crate) use change::Spreading;
pub(crate) use dispatch::Delivering;
pub(crate) use enable::{Enabling, plan as plan_enabling};
pub use grants::Grants;
pub use install::Installed;
pub(crate) use keyed::plugins_with;
pub(crate) use look_ups::unanswered;
pub use moves::Moved;
pub(crate) use parking::Freeing;
pub use parking::{DeadLetter, ParkedQueue};
pub use perennial_contract::recording::{Answer, Call, Ended, LookUp, Recording};
pub use purge::Left;
pub(crate) use quarantine::forget_faults_of;
pub(crate) use queue::{free_late, is_idle};
pub(crate) use recordings::{Occasion, Recorded};
pub use recordings::{RecordedRun, Replayed, replay};
pub use run_by::RunBy;
pub use runs::Handling;
pub(crate) use snapshot::{ToAppraise, context as circumstances, newcomer};
pub(crate) use states::ask_states_of_members;
pub use versions::Offered;
pub use view::View;

use crate::db::id;
use crate::page::{Page, PageRequest};
use crate::{Actor, Code, Error, EventId, MemberId, ProgramId, Result, RunId, Scope};
use parking::Stuck;
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// A plugin of a program, for the operator.
#[derive(Clone, Debug)]
pub struct PluginStatus {
    pub plugin: Enabled,
    /// The versions that are installed, oldest first; the program can use those that are approved.
    pub offered: Vec<Offered>,
    /// Events that wait for it.
    pub waiting: i64,
    /// Events that it handled.
    pub handled: i64,
    /// Members over whom it stands still.
    pub parked: i64,
    /// Purchases about which it was not heard yet.
    pub missed: i64,
    /// What became of it last, as long as not everybody has received that.
    pub change: Option<ChangeUnderWay>,
}

/// Of what plugins were not heard about, what they were not heard about until now.
const UNHEARD: &str = " AND ended_at IS NULL";

/// The service. Get it from [`crate::Loyalty::plugins`].
#[derive(Clone, Copy, Debug)]
pub struct Plugins<'a> {
    pub(crate) context: &'a crate::context::Context,
}

impl Plugins<'_> {
    /// Offers a component to all programs, and moves none of them. It is approved at once if it may
    /// do nothing more than what is approved of its publisher; else it waits. Fails with
    /// `COMPONENT_INVALID`, `MANIFEST_INVALID`, `PLUGIN_PUBLISHER_DIFFERS`, `PLUGIN_NOT_SIGNED` or
    /// `PLUGIN_VERSION_TAKEN`, and then nothing has changed.
    pub async fn install(self, wasm: &[u8]) -> Result<Installed> {
        install::install(self.context, wasm).await
    }

    /// Lets programs use a version that waits; a repeat does nothing. The first signed version that is
    /// approved makes the plugin its publisher's, permanently. Fails with `PLUGIN_NOT_FOUND`,
    /// `PLUGIN_PUBLISHER_DIFFERS` or `PLUGIN_NOT_SIGNED`.
    pub async fn approve(self, plugin: &str, version: &str) -> Result<ApprovedVersion> {
        approvals::approve(self.context, plugin, version).await
    }

    /// What a manifest asks for, beside what is approved of its plugin.
    pub async fn asked(self, manifest: &Manifest) -> Result<Asked> {
        approvals::asked(self.context, manifest).await
    }

    /// What an installed version asks for, beside what is approved. Fails with `PLUGIN_NOT_FOUND`.
    pub async fn asked_by(self, plugin: &str, version: &str) -> Result<Asked> {
        let offered = versions::installed(self.context, plugin, version).await?;
        let component = self.context.component(&offered.digest).await?;
        approvals::asked(self.context, &component.manifest).await
    }

    /// The installed versions of each plugin, oldest first, approved or not.
    pub async fn offered(self) -> Result<BTreeMap<String, Vec<Offered>>> {
        versions::all_offered(self.context).await
    }

    /// Which program runs which version of which plugin.
    pub async fn run_by(self) -> Result<Vec<RunBy>> {
        run_by::run_by(self.context).await
    }

    /// Makes the actor's program run a newer version of a plugin, the newest if none is named; if the
    /// plugin was quarantined, it goes on. Fails with `PLUGIN_NOT_FOUND`, `PLUGIN_NOT_APPROVED`,
    /// `CONFIG_INVALID`, or `INVALID_INPUT` if the version is older or the program file names another.
    pub async fn upgrade(
        self,
        actor: &Actor,
        plugin: &str,
        version: Option<&str>,
    ) -> Result<Moved> {
        actor.require(Scope::Admin)?;
        moves::upgrade(self.context, actor.program(), plugin, version).await
    }

    /// Makes the actor's program run an older version of a plugin, the one that it came from if none
    /// is named, whatever its file names; if the plugin was quarantined, it goes on. Fails with
    /// `PLUGIN_NOT_FOUND`, `PLUGIN_NOT_APPROVED`, `CONFIG_INVALID`, or `INVALID_INPUT` if the version
    /// is not older or it is not known what the program came from.
    pub async fn rollback(
        self,
        actor: &Actor,
        plugin: &str,
        version: Option<&str>,
    ) -> Result<Moved> {
        actor.require(Scope::Admin)?;
        moves::rollback(self.context, actor.program(), plugin, version).await
    }

    /// The plugins of the actor's program.
    pub async fn list(self, actor: &Actor) -> Result<Vec<PluginStatus>> {
        actor.require(Scope::Read)?;
        let program = self.context.current(actor.program()).await?;
        let waiting = self.count(actor.program(), "deliveries", "").await?;
        let handled = self.count(actor.program(), "plugin_runs", "").await?;
        let parked = self.count(actor.program(), "parked_queues", "").await?;
        let apart = self.count(actor.program(), "parked_deliveries", "").await?;
        let missed = self.count(actor.program(), "missed_appraisals", UNHEARD).await?;
        let mut offered = versions::all_offered(self.context).await?;
        let mut changes = change::under_way(self.context, actor.program()).await?;
        let of = |counts: &BTreeMap<String, i64>, id: &str| counts.get(id).copied().unwrap_or(0);
        let status = |plugin: &Enabled| PluginStatus {
            offered: offered.remove(&plugin.id).unwrap_or_default(),
            waiting: of(&waiting, &plugin.id) + of(&apart, &plugin.id),
            parked: of(&parked, &plugin.id),
            missed: of(&missed, &plugin.id),
            handled: of(&handled, &plugin.id),
            change: changes.remove(&plugin.id),
            plugin: plugin.clone(),
        };
        Ok(program.plugins.iter().map(status).collect())
    }

    /// Lets a plugin go on that was quarantined or paused, and tries again all that it stands still
    /// over.
    pub async fn resume(self, actor: &Actor, plugin: &str) -> Result<()> {
        self.require_enabled(actor, plugin).await?;
        quarantine::resume(self.context, actor.program(), plugin).await?;
        self.context.wake();
        Ok(())
    }

    /// Stops a plugin: its events wait until it is resumed, its timers fire and wait with them.
    pub async fn pause(self, actor: &Actor, plugin: &str) -> Result<()> {
        self.require_enabled(actor, plugin).await?;
        quarantine::pause(self.context, actor.program(), plugin).await
    }

    /// The members over whom a plugin stands still, of the newest event first.
    pub async fn parked_queues(
        self,
        actor: &Actor,
        plugin: &str,
        page: PageRequest<EventId>,
    ) -> Result<Page<ParkedQueue>> {
        actor.require(Scope::Admin)?;
        parking::parked_queues(self.context, actor.program(), plugin, page).await
    }

    /// The events that were skipped for a plugin, the newest first.
    pub async fn dead_letters(
        self,
        actor: &Actor,
        plugin: &str,
        page: PageRequest<EventId>,
    ) -> Result<Page<DeadLetter>> {
        actor.require(Scope::Admin)?;
        parking::dead_letters(self.context, actor.program(), plugin, page).await
    }

    /// What a plugin has handled, the newest event first.
    pub async fn runs(
        self,
        actor: &Actor,
        plugin: &str,
        page: PageRequest<EventId>,
    ) -> Result<Page<Handling>> {
        actor.require(Scope::Admin)?;
        runs::runs(self.context, actor.program(), plugin, page).await
    }

    /// The calls of a plugin that are recorded, the newest first. Fails with `PLUGIN_NOT_FOUND`.
    pub async fn recorded_runs(
        self,
        actor: &Actor,
        plugin: &str,
        page: PageRequest<RunId>,
    ) -> Result<Page<RecordedRun>> {
        actor.require(Scope::Admin)?;
        let found = recordings::recorded_runs(self.context, actor.program(), plugin, page).await?;
        if found.items.is_empty() {
            self.require_known(actor, plugin).await?;
        }
        Ok(found)
    }

    /// A recorded call, whole. Fails with `RUN_NOT_FOUND`.
    pub async fn recording(self, actor: &Actor, run: RunId) -> Result<Recording> {
        actor.require(Scope::Admin)?;
        recordings::recording(self.context, actor.program(), run).await
    }

    /// Forgets, in all programs, the recorded calls whose time is over.
    pub async fn forget_recordings(self) -> Result<()> {
        recordings::forget(self.context).await
    }

    /// An installed component, by its digest. Fails with `PLUGIN_NOT_FOUND`.
    pub async fn component(self, digest: &str) -> Result<Component> {
        self.context.component(digest).await
    }

    /// Tries an event again that a plugin stands still over. Fails with `EVENT_NOT_PARKED`.
    pub async fn retry_event(
        self,
        actor: &Actor,
        plugin: &str,
        member: MemberId,
        event: EventId,
    ) -> Result<()> {
        actor.require(Scope::Admin)?;
        let stuck = Stuck { plugin, member, event };
        parking::free(self.context, actor.program(), &stuck).await
    }

    /// Skips an event that a plugin stands still over, and keeps it as a dead letter. Fails with
    /// `EVENT_NOT_PARKED`.
    pub async fn skip_event(
        self,
        actor: &Actor,
        plugin: &str,
        member: MemberId,
        event: EventId,
        reason: &str,
    ) -> Result<()> {
        actor.require(Scope::Admin)?;
        parking::skip(self.context, actor, &Stuck { plugin, member, event }, reason).await
    }

    /// Delivers an event after all that was skipped. Fails with `EVENT_NOT_SKIPPED`.
    pub async fn redeliver_event(
        self,
        actor: &Actor,
        plugin: &str,
        member: MemberId,
        event: EventId,
    ) -> Result<()> {
        actor.require(Scope::Admin)?;
        parking::redeliver(self.context, actor, &Stuck { plugin, member, event }).await
    }

    /// What a plugin has in the actor's program, enabled or not.
    pub async fn left(self, actor: &Actor, plugin: &str) -> Result<Left> {
        actor.require(Scope::Admin)?;
        purge::left(self.context, actor.program(), plugin).await
    }

    /// Takes away, for good, what a plugin has left in a program whose file does not name it any
    /// more. Fails with `PLUGIN_ENABLED` and `PLUGIN_NOT_FOUND`.
    pub async fn purge(self, actor: &Actor, plugin: &str) -> Result<Left> {
        actor.require(Scope::Admin)?;
        purge::purge(self.context, actor.program(), plugin).await
    }

    async fn require_enabled(self, actor: &Actor, plugin: &str) -> Result<()> {
        actor.require(Scope::Admin)?;
        let program = self.context.current(actor.program()).await?;
        if !program.enabled().any(|enabled| enabled.id == plugin) {
            let why = format!("the program enables no plugin `{plugin}`");
            return Err(Error::new(Code::PluginNotFound, why).at("pluginKey"));
        }
        Ok(())
    }

    async fn require_known(self, actor: &Actor, plugin: &str) -> Result<()> {
        let program = self.context.current(actor.program()).await?;
        if program.plugins.iter().any(|known| known.id == plugin) {
            return Ok(());
        }
        let why = format!("the program knows no plugin `{plugin}`");
        Err(Error::new(Code::PluginNotFound, why))
    }

    /// What plugins show of a member.
    pub async fn views(self, actor: &Actor, member: MemberId) -> Result<Vec<View>> {
        actor.require_for(member, Scope::MembersRead)?;
        view::views(self.context, actor, member).await
    }

    async fn count(
        self,
        program: ProgramId,
        table: &str,
        only: &str,
    ) -> Result<BTreeMap<String, i64>> {
        #[derive(FromQueryResult)]
        struct Count {
            plugin_id: String,
            rows: i64,
        }
        let text = format!(
            "SELECT plugin_id, COUNT(*) AS rows FROM {table} WHERE program_id = $1{only} \
             GROUP BY plugin_id"
        );
        let db = &self.context.db;
        let statement = db.sql(&text, [id(program)]);
        let counts = Count::find_by_statement(statement).all(db.read()).await?;
        Ok(counts.into_iter().map(|count| (count.plugin_id, count.rows)).collect())
    }
}
