//! Asking plugins what a purchase is worth. A plugin that fails here proposes nothing; it cannot
//! stop a purchase or a quote.

use super::calls;
use super::quarantine;
use super::snapshot::{self, ToAppraise};
use super::states::{PluginStates, StateKey, StateRow};
use crate::accounts::MemberState;
use crate::context::{Context, Enabled, FaultReport, Program, Status};
use crate::db::{Answers, Question};
use crate::earning::PluginProposal;
use crate::members::Member;
use crate::runtime::{Fault, FaultKind, Hook, Proposal, grant_proposals};
use crate::{Points, Result};

/// The occasion of a quote, where a purchase has its reference.
const QUOTE: &str = "quote";

/// The plugins of a program that answer `appraise`, with what they keep of the members in question.
#[derive(Debug)]
pub(crate) struct Appraisers {
    plugins: Vec<Enabled>,
    kept: PluginStates,
}

impl Appraisers {
    pub(crate) fn of(
        program: &Program,
        kept: Option<Question<StateRow>>,
        answers: &Answers,
    ) -> Result<Self> {
        let kept = match kept {
            Some(question) => PluginStates::of(question, answers)?,
            None => PluginStates::default(),
        };
        Ok(Self { plugins: program.asked(Hook::Appraise).cloned().collect(), kept })
    }

    /// What the plugins propose for a purchase by a member as it stands, each cut to its own
    /// capability.
    pub(crate) async fn propose(
        &self,
        context: &Context,
        program: &Program,
        member: &Member,
        state: &MemberState,
        purchase: ToAppraise<'_>,
    ) -> Vec<PluginProposal> {
        let mut proposals = Vec::new();
        for plugin in &self.plugins {
            let asked = self.ask(context, plugin, program, member, state, &purchase).await;
            calls::count(program, plugin, "appraise", &asked);
            match asked {
                Ok(proposed) => {
                    proposals.extend(proposed);
                    passed(context, plugin, program).await;
                }
                Err(fault) => note(context, plugin, program, &fault, purchase).await,
            }
        }
        proposals
    }

    async fn ask(
        &self,
        context: &Context,
        plugin: &Enabled,
        program: &Program,
        member: &Member,
        state: &MemberState,
        purchase: &ToAppraise<'_>,
    ) -> Result<Vec<PluginProposal>, Fault> {
        let kept = self.kept.get(&StateKey::of(&plugin.id, member.id, None));
        let occasion = if purchase.is_quote() { QUOTE } else { purchase.reference };
        let circumstances = snapshot::context(program, plugin, purchase.at, occasion, kept);
        let shown = snapshot::member(program, member, state, Vec::new());
        let bought = snapshot::purchase(program, purchase);
        let component = &plugin.component;
        let run = context.runtime.appraise(component, &circumstances, &shown, &bought).await?;
        allowed(plugin, run.output)
    }
}

/// A plugin on probation that answers soundly goes on.
async fn passed(context: &Context, plugin: &Enabled, program: &Program) {
    if plugin.status != Status::Probing {
        return;
    }
    if let Err(error) = quarantine::pass(context, program, plugin).await {
        let id = &plugin.id;
        tracing::error!(plugin = id, detail = error.detail(), "a plugin could not be resumed");
    }
}

/// A plugin that fails at a purchase is quarantined. A quote is nobody's loss, and anybody can ask for
/// one.
async fn note(
    context: &Context,
    plugin: &Enabled,
    program: &Program,
    fault: &Fault,
    purchase: ToAppraise<'_>,
) {
    let (id, kind, message) = (&plugin.id, fault.kind, &fault.message);
    tracing::warn!(plugin = id, ?kind, message, "an appraisal failed");
    if purchase.is_quote() || matches!(kind, FaultKind::Timeout | FaultKind::Host) {
        return;
    }
    let report = FaultReport::new(fault, None, &plugin.component.digest);
    if let Err(error) = quarantine::stop(context, program, plugin, &report).await {
        tracing::error!(plugin = id, detail = error.detail(), "a fault could not be recorded");
    }
}

/// What the platform makes of proposals that the plugin may make.
fn allowed(plugin: &Enabled, proposed: Vec<Proposal>) -> Result<Vec<PluginProposal>, Fault> {
    grant_proposals(&plugin.component.manifest, &proposed)
        .map_err(|why| Fault::of_call(FaultKind::NotAllowed, &plugin.id, "appraise", &why))?;
    let proposal = |proposal: Proposal| PluginProposal {
        plugin: plugin.id.clone(),
        digest: plugin.component.digest.clone(),
        key: proposal.key,
        points: Points::new(proposal.points),
        reason: proposal.reason,
    };
    Ok(proposed.into_iter().map(proposal).collect())
}
