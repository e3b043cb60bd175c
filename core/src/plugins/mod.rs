//! Plugins as the core sees them: a manifest, a runtime behind a port, and what an answer of a plugin turns into.
//!
//! An event reaches a plugin by `dispatch`; what the plugin asks for is checked by `action` and done by `carry_out`, through
//! the same functions that serve people. `appraise` asks for proposals, `view` for what a member may see.

mod action;
mod appraise;
mod briefing;
mod carry_out;
mod dispatch;
mod entity;
mod install;
mod manifest;
mod port;
mod queue;
mod snapshot;
mod view;

pub(crate) use appraise::Appraisers;
pub(crate) use appraise::appraisers;
pub(crate) use dispatch::deliver;
pub(crate) use entity::ComponentCache;
pub use entity::{Enabled, FaultReport, Status};
pub use install::Installed;
pub(crate) use install::{enable, manifests_for};
pub use manifest::{Capabilities, EVENT_NAMES, Hook, Manifest, MessageText};
pub use port::{
    Action, Component, Contact, Context, Due, Effect, Event, Fault, FaultKind, Member, MemberKind,
    Proposal, Purchase, PurchaseLine, Recipient, RecordKey, Run, Runtime, StoredRecord,
};
pub(crate) use queue::is_idle;
pub use view::View;

use crate::db::rows;
use crate::{Actor, Code, Error, Loyalty, MemberId, ProgramId, Result, Scope};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A plugin of a program, for the operator.
#[derive(Clone, Debug)]
pub struct PluginStatus {
    pub plugin: Enabled,
    /// Events that wait for it.
    pub waiting: i64,
    /// Events that it handled.
    pub handled: i64,
}

/// The service. Get it from [`Loyalty::plugins`].
#[derive(Clone, Copy, Debug)]
pub struct Plugins<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Plugins<'_> {
    /// Installs a component for the whole platform. Fails with `COMPONENT_INVALID`, `MANIFEST_INVALID` or `CONFIG_INVALID`, and
    /// then nothing has changed.
    pub async fn install(self, wasm: &[u8]) -> Result<Installed> {
        install::install(self.loyalty, wasm).await
    }

    /// The plugins of the actor's program.
    pub async fn list(self, actor: &Actor) -> Result<Vec<PluginStatus>> {
        actor.require(Scope::Read)?;
        let db = self.loyalty.db().read();
        let enabled = entity::enabled(db, self.loyalty.components(), actor.program()).await?;
        let waiting = self.count(actor.program(), "deliveries").await?;
        let handled = self.count(actor.program(), "plugin_runs").await?;
        let of = |counts: &BTreeMap<String, i64>, id: &str| counts.get(id).copied().unwrap_or(0);
        let status = |plugin: Enabled| PluginStatus {
            waiting: of(&waiting, &plugin.id),
            handled: of(&handled, &plugin.id),
            plugin,
        };
        Ok(enabled.into_iter().map(status).collect())
    }

    /// Lets a quarantined plugin go on with the event that met the fault.
    pub async fn resume(self, actor: &Actor, plugin: &str) -> Result<()> {
        actor.require(Scope::Admin)?;
        if !install::resume(self.loyalty.db().write(), actor.program(), plugin).await? {
            let why = format!("the program enables no plugin `{plugin}`");
            return Err(Error::new(Code::PluginNotFound, why).at("plugin"));
        }
        self.loyalty.wake();
        Ok(())
    }

    /// What plugins show of a member.
    pub async fn views(self, actor: &Actor, member: MemberId) -> Result<Vec<View>> {
        actor.require_for(member, Scope::Read)?;
        view::views(self.loyalty, actor, member).await
    }

    async fn count(self, program: ProgramId, table: &str) -> Result<BTreeMap<String, i64>> {
        #[derive(FromQueryResult)]
        struct Count {
            plugin_id: String,
            rows: i64,
        }
        let sql = format!(
            "SELECT plugin_id, COUNT(*) AS rows FROM {table} WHERE program_id = $1 GROUP BY plugin_id"
        );
        let db = self.loyalty.db().read();
        let counts =
            Count::find_by_statement(rows::sql(db, &sql, [rows::id(program)])).all(db).await?;
        Ok(counts.into_iter().map(|count| (count.plugin_id, count.rows)).collect())
    }
}

/// The manifest of the enabled plugin that declares a record type. Fails with `RECORD_TYPE_UNKNOWN`.
pub(crate) async fn declaring(
    loyalty: &Loyalty,
    program: ProgramId,
    record_type: &str,
) -> Result<Arc<Manifest>> {
    let enabled = entity::enabled(loyalty.db().read(), loyalty.components(), program).await?;
    let mut declaring = enabled.into_iter().map(|plugin| plugin.component.manifest);
    declaring.find(|manifest| manifest.records.contains_key(record_type)).ok_or_else(|| {
        let why = format!("no plugin of this program declares the record type `{record_type}`");
        Error::new(Code::RecordTypeUnknown, why).at("type")
    })
}
