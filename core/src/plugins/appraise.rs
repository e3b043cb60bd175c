//! Asking plugins what a purchase is worth. A plugin that fails here proposes nothing; it cannot stop a purchase or a quote.

use super::Hook;
use super::entity::{self, Enabled, FaultReport, Status};
use super::port::{self, Context, FaultKind};
use super::snapshot;
use crate::earning::PluginProposal;
use crate::members::{Locked, Member};
use crate::programs::Program;
use crate::purchases::Checked;
use crate::{Loyalty, MemberId, Points, Result};
use serde_json::Value;
use std::collections::HashMap;

/// The plugins of a program that answer `appraise`, with what they know of the members in question.
#[derive(Debug)]
pub(crate) struct Appraisers<'a> {
    loyalty: &'a Loyalty,
    plugins: Vec<Enabled>,
    states: HashMap<(String, MemberId, String), Value>,
}

/// The active plugins that answer `appraise`.
pub(crate) async fn appraisers<'a>(
    loyalty: &'a Loyalty,
    program: &Program,
    members: &[MemberId],
) -> Result<Appraisers<'a>> {
    let mut plugins = Vec::new();
    if !program.definition.plugins.is_empty() {
        plugins = entity::enabled(loyalty.db().read(), loyalty.components(), program.id).await?;
        plugins.retain(|plugin| {
            plugin.status == Status::Active
                && plugin.component.manifest.hooks.contains(&Hook::Appraise)
        });
    }
    let key = |plugin: &Enabled, member: &MemberId| (plugin.id.clone(), *member, String::new());
    let keys: Vec<_> = plugins
        .iter()
        .flat_map(|plugin| members.iter().map(move |member| key(plugin, member)))
        .collect();
    let states = entity::states(loyalty.db().read(), program.id, &keys).await?;
    Ok(Appraisers { loyalty, plugins, states })
}

impl Appraisers<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.plugins.is_empty()
    }

    /// What the plugins propose for a purchase by a member as it stands, each cut to its own capability.
    pub(crate) async fn propose(
        &self,
        program: &Program,
        member: &Member,
        locked: &Locked,
        purchase: &Checked,
    ) -> Vec<PluginProposal> {
        let mut proposals = Vec::new();
        for plugin in &self.plugins {
            match self.ask(plugin, program, member, locked, purchase).await {
                Ok(proposed) => proposals.extend(proposed),
                Err(fault) => self.note(plugin, program, &fault).await,
            }
        }
        proposals
    }

    async fn ask(
        &self,
        plugin: &Enabled,
        program: &Program,
        member: &Member,
        locked: &Locked,
        purchase: &Checked,
    ) -> Result<Vec<PluginProposal>, port::Fault> {
        let zone = &program.definition.zone;
        let context = Context {
            program: program.definition.slug.clone(),
            revision: program.revision,
            now: purchase.purchased_at,
            today: purchase.purchased_at.date_in(zone),
            seed: snapshot::seed(&[&program.definition.slug, &plugin.id, &purchase.reference]),
            config: plugin.config.clone(),
            state: self.states.get(&(plugin.id.clone(), member.id, String::new())).cloned(),
        };
        let snapshot = snapshot::member(zone, member, locked, Vec::new());
        let purchase = snapshot::purchase(program, purchase);
        let run = self
            .loyalty
            .runtime()
            .appraise(&plugin.component, &context, &snapshot, &purchase)
            .await?;
        allowed(plugin, run.output)
    }

    /// A failing appraisal parks the plugin like a failing event.
    async fn note(&self, plugin: &Enabled, program: &Program, fault: &port::Fault) {
        tracing::warn!(plugin = plugin.id, kind = ?fault.kind, message = fault.message, "an appraisal failed");
        if matches!(fault.kind, FaultKind::Timeout | FaultKind::Host) {
            return;
        }
        let report = FaultReport::new(fault, None, &plugin.component.digest);
        let db = self.loyalty.db().write();
        let noted =
            entity::quarantine(db, program.id, &plugin.id, &report, self.loyalty.now()).await;
        if let Err(error) = noted {
            tracing::error!(
                plugin = plugin.id,
                detail = error.detail(),
                "a fault could not be recorded"
            );
        }
    }
}

/// Refuses proposals beyond the manifest's capability: all of them, because a plugin that asks for more than it may is not to
/// be trusted with the rest.
fn allowed(
    plugin: &Enabled,
    proposed: Vec<port::Proposal>,
) -> Result<Vec<PluginProposal>, port::Fault> {
    let maximum = Points::new(plugin.component.manifest.capabilities.points_per_event_max);
    let refuse = |why: String| {
        port::Fault::new(FaultKind::NotAllowed, format!("plugin `{}`, appraise: {why}", plugin.id))
    };
    if let Some(wrong) = proposed.iter().find(|proposal| !proposal.points.is_positive()) {
        return Err(refuse(format!("the proposal `{}` is for {} points", wrong.key, wrong.points)));
    }
    let total = Points::sum(proposed.iter().map(|proposal| proposal.points));
    if total.as_ref().map_or(true, |total| *total > maximum) {
        return Err(refuse(format!("it proposes more than its points-per-event-max of {maximum}")));
    }
    let proposal = |proposal: port::Proposal| PluginProposal {
        plugin: plugin.id.clone(),
        digest: plugin.component.digest.clone(),
        key: proposal.key,
        points: proposal.points,
        reason: proposal.reason,
    };
    Ok(proposed.into_iter().map(proposal).collect())
}
