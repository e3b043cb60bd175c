//! Plugins: what they receive, and what an answer of theirs turns into.
//!
//! An event reaches a plugin by `dispatch`; what the plugin asks for is planned and applied in
//! `effects`, through the same functions that serve people, and committed by `handled`. `appraise`
//! asks for proposals, `view` for what a member may see.

mod appraise;
mod briefing;
mod dispatch;
mod effects;
mod handled;
mod install;
mod quarantine;
mod queue;
pub(crate) mod section;
mod snapshot;
mod states;
mod view;

pub use crate::context::{Enabled, FaultReport, Status};
pub use crate::facts::SUBSCRIBABLE as EVENT_NAMES;
pub use crate::runtime::{
    Action, Capabilities, Component, Contact, Context, Due, Effect, Event, Fault, FaultKind, Hook,
    Manifest, Member, MemberKind, MessageText, Proposal, Purchase, PurchaseLine, Recipient,
    RecordKey, Run, Runtime, StoredRecord,
};
pub(crate) use appraise::Appraisers;
pub(crate) use dispatch::Delivering;
pub use install::Installed;
pub(crate) use install::{check, enable};
pub(crate) use queue::{free_late, is_idle};
pub(crate) use snapshot::ToAppraise;
pub(crate) use states::ask_states_of_members;
pub use view::View;

use crate::db::id;
use crate::{Actor, Code, Error, MemberId, ProgramId, Result, Scope};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// A plugin of a program, for the operator.
#[derive(Clone, Debug)]
pub struct PluginStatus {
    pub plugin: Enabled,
    /// Events that wait for it.
    pub waiting: i64,
    /// Events that it handled.
    pub handled: i64,
}

/// The service. Get it from [`crate::Loyalty::plugins`].
#[derive(Clone, Copy, Debug)]
pub struct Plugins<'a> {
    pub(crate) context: &'a crate::context::Context,
}

impl Plugins<'_> {
    /// Installs a component for the whole platform. Fails with `COMPONENT_INVALID`,
    /// `MANIFEST_INVALID` or `CONFIG_INVALID`, and then nothing has changed.
    pub async fn install(self, wasm: &[u8]) -> Result<Installed> {
        install::install(self.context, wasm).await
    }

    /// The plugins of the actor's program.
    pub async fn list(self, actor: &Actor) -> Result<Vec<PluginStatus>> {
        actor.require(Scope::Read)?;
        let program = self.context.current(actor.program()).await?;
        let waiting = self.count(actor.program(), "deliveries").await?;
        let handled = self.count(actor.program(), "plugin_runs").await?;
        let of = |counts: &BTreeMap<String, i64>, id: &str| counts.get(id).copied().unwrap_or(0);
        let status = |plugin: &Enabled| PluginStatus {
            waiting: of(&waiting, &plugin.id),
            handled: of(&handled, &plugin.id),
            plugin: plugin.clone(),
        };
        Ok(program.plugins.iter().map(status).collect())
    }

    /// Lets a quarantined plugin go on with the event that met the fault.
    pub async fn resume(self, actor: &Actor, plugin: &str) -> Result<()> {
        actor.require(Scope::Admin)?;
        let program = self.context.current(actor.program()).await?;
        if !program.plugins.iter().any(|enabled| enabled.id == plugin) {
            let why = format!("the program enables no plugin `{plugin}`");
            return Err(Error::new(Code::PluginNotFound, why).at("pluginKey"));
        }
        quarantine::resume(self.context, actor.program(), plugin).await?;
        self.context.wake();
        Ok(())
    }

    /// What plugins show of a member.
    pub async fn views(self, actor: &Actor, member: MemberId) -> Result<Vec<View>> {
        actor.require_for(member, Scope::MembersRead)?;
        view::views(self.context, actor, member).await
    }

    async fn count(self, program: ProgramId, table: &str) -> Result<BTreeMap<String, i64>> {
        #[derive(FromQueryResult)]
        struct Count {
            plugin_id: String,
            rows: i64,
        }
        let text = format!(
            "SELECT plugin_id, COUNT(*) AS rows FROM {table} WHERE program_id = $1 GROUP BY plugin_id"
        );
        let db = &self.context.db;
        let statement = db.sql(&text, [id(program)]);
        let counts = Count::find_by_statement(statement).all(db.read()).await?;
        Ok(counts.into_iter().map(|count| (count.plugin_id, count.rows)).collect())
    }
}
