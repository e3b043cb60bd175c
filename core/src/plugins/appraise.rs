//! Asking plugins what a purchase is worth. A plugin that does not answer proposes nothing, and the
//! purchase says that it is missing: it is asked again afterwards, see `reappraisals`. Whether a
//! purchase waits for it instead, the program says.

use super::look_ups::OfMember;
use super::quarantine;
use super::recordings::{Recorded, Recorder};
use super::snapshot::{self, ToAppraise};
use super::states::{PluginStates, StateKey, StateRow};
use super::{breaker, calls};
use crate::accounts::MemberState;
use crate::context::{Context, Enabled, FaultReport, Program, Status, Waiting};
use crate::db::{Answers, Question};
use crate::earning::{Missing, MissingBecause, PluginProposal};
use crate::members::Member;
use crate::runtime::{self, Fault, FaultKind, Hook, Proposal, Readers, grant_proposals};
use crate::{Code, Error, Points, Result};
use perennial_contract::recording::{Answer, Call};
use std::time::Instant;

/// The occasion of a quote, where a purchase has its reference.
const QUOTE: &str = "quote";

/// The plugins of a program that answer `appraise`, with what they keep of the members in question.
#[derive(Debug)]
pub(crate) struct Appraisers {
    plugins: Vec<Enabled>,
    kept: PluginStates,
    waiting: Waiting,
}

/// What plugins say of a purchase.
#[derive(Debug, Default)]
pub(crate) struct Proposed {
    pub(crate) proposals: Vec<PluginProposal>,
    pub(crate) missed: Vec<Missed>,
    /// The calls, as far as the program keeps them.
    pub(crate) recorded: Vec<Recorded>,
}

/// What one plugin says of a purchase.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) proposals: Vec<PluginProposal>,
    /// Of the component that said it.
    pub(crate) digest: String,
    /// The call, if the program keeps it.
    pub(crate) recorded: Option<Recorded>,
}

/// A plugin that was not heard.
#[derive(Clone, Debug)]
pub(crate) struct Missed {
    pub(crate) plugin: Enabled,
    pub(crate) because: MissingBecause,
    /// What it failed with, if it was asked.
    pub(crate) report: Option<FaultReport>,
    /// The call, if it was made and the program keeps it.
    pub(crate) recorded: Option<Recorded>,
}

/// What a call came to, and its recording.
type Asked = (Result<Vec<PluginProposal>, Fault>, Option<Recorded>);

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
        let plugins = program.named(Hook::Appraise).cloned().collect();
        Ok(Self { plugins, kept, waiting: Waiting::default() })
    }

    /// What the plugins propose for a purchase by a member as it stands, each cut to its own
    /// capability. Fails with `UNAVAILABLE` where the program records no purchase without a plugin that
    /// is missing.
    pub(crate) async fn propose(
        &self,
        context: &Context,
        program: &Program,
        member: &Member,
        state: &MemberState,
        purchase: ToAppraise<'_>,
    ) -> Result<Proposed> {
        let mut proposed = Proposed::default();
        for plugin in &self.plugins {
            match self.hear(context, plugin, program, member, state, &purchase).await {
                Ok(heard) => {
                    proposed.proposals.extend(heard.proposals);
                    proposed.recorded.extend(heard.recorded);
                }
                Err(missed) if program.definition.requires_plugin(&plugin.id) => {
                    return Err(missed.required());
                }
                Err(missed) => {
                    proposed.recorded.extend(missed.recorded.clone());
                    proposed.missed.push(missed);
                }
            }
        }
        Ok(proposed)
    }

    /// What one plugin proposes, of those that the file names.
    pub(crate) async fn of_one(
        &self,
        context: &Context,
        program: &Program,
        plugin: &str,
        member: &Member,
        state: &MemberState,
        purchase: ToAppraise<'_>,
    ) -> Option<Result<Heard, Missed>> {
        let plugin = self.plugins.iter().find(|named| named.id == plugin)?;
        Some(self.hear(context, plugin, program, member, state, &purchase).await)
    }

    async fn hear(
        &self,
        context: &Context,
        plugin: &Enabled,
        program: &Program,
        member: &Member,
        state: &MemberState,
        purchase: &ToAppraise<'_>,
    ) -> Result<Heard, Missed> {
        let missed = |because| Missed::unasked(plugin, because);
        match plugin.status {
            Status::Active | Status::Probing => {}
            Status::Paused | Status::Disabled => return Err(missed(MissingBecause::Paused)),
            Status::Quarantined => return Err(missed(MissingBecause::Quarantined)),
        }
        // Compiling takes its time once, and is nobody's fault.
        let ready = context.runtime.prepare(&plugin.component).await;
        let patience = &context.patience;
        let begun = Instant::now();
        let Some(time) =
            self.waiting.left().filter(|_| !patience.is_over(program.id, &plugin.id, begun))
        else {
            return Err(missed(MissingBecause::TooSlow));
        };
        let (asked, recorded) = match ready {
            Ok(()) => {
                let ask = self.ask(context, plugin, program, member, state, purchase);
                let asked = tokio::time::timeout(time, ask).await;
                asked.unwrap_or_else(|_| (Err(too_slow(plugin)), None))
            }
            Err(fault) => (Err(fault), None),
        };
        self.waiting.spend(begun.elapsed());
        calls::count(program, plugin, "appraise", asked.as_ref().err());
        match asked {
            Ok(proposals) => {
                patience.was_quick(program.id, &plugin.id);
                passed(context, plugin, program).await;
                Ok(Heard { proposals, digest: plugin.component.digest.clone(), recorded })
            }
            Err(fault) => {
                if fault.kind == FaultKind::Timeout {
                    patience.was_slow(program.id, &plugin.id, begun);
                }
                Err(Missed { recorded, ..Missed::failed(plugin, member, &fault) })
            }
        }
    }

    async fn ask(
        &self,
        context: &Context,
        plugin: &Enabled,
        program: &Program,
        member: &Member,
        state: &MemberState,
        purchase: &ToAppraise<'_>,
    ) -> Asked {
        let kept = self.kept.get(&StateKey::of(&plugin.id, member.id, None));
        let occasion = if purchase.is_quote() { QUOTE } else { purchase.reference };
        let circumstances = snapshot::context(program, plugin, purchase.at, occasion, kept);
        let shown = snapshot::member((program, plugin), member, state, Vec::new());
        let bought = snapshot::purchase(program, purchase);
        let component = &plugin.component;
        let look_ups = OfMember { context, program, plugin, member: member.id, state };
        let recorder = Recorder::of(look_ups);
        let runtime = &context.runtime;
        let ended = runtime.appraise(component, &circumstances, &shown, &bought, &recorder).await;
        let call = || Call::Appraise { context: circumstances, member: shown, purchase: bought };
        let recorded = match purchase.is_quote() {
            true => None,
            false => recorder.end(call, &ended, Answer::Proposals),
        };
        let readers = Readers { member: &member.locale, program: &program.definition.locale };
        match ended.map(|run| allowed(plugin, readers, run.output)) {
            Ok(Err(fault)) => {
                let recorded = recorded.map(|recorded| recorded.refused(&fault));
                (Err(fault), recorded)
            }
            Ok(allowed) => (allowed, recorded),
            Err(fault) => (Err(fault), recorded),
        }
    }
}

impl Proposed {
    /// Which plugins are missing.
    pub(crate) fn missing(&self) -> Vec<Missing> {
        self.missed.iter().map(Missed::shown).collect()
    }
}

impl Missed {
    /// That nobody asked it.
    fn unasked(plugin: &Enabled, because: MissingBecause) -> Self {
        Self { plugin: plugin.clone(), because, report: None, recorded: None }
    }

    fn failed(plugin: &Enabled, member: &Member, fault: &Fault) -> Self {
        let (id, kind, message) = (&plugin.id, fault.kind, &fault.message);
        tracing::warn!(plugin = id, ?kind, message, "an appraisal failed");
        let because = match kind {
            FaultKind::Timeout => MissingBecause::TooSlow,
            FaultKind::Host | FaultKind::Damaged => MissingBecause::Unavailable,
            _ => MissingBecause::Failed,
        };
        let mut report = FaultReport::new(fault, None, &plugin.component.digest);
        report.member = Some(member.id);
        Self { report: Some(report), ..Self::unasked(plugin, because) }
    }

    pub(crate) fn shown(&self) -> Missing {
        Missing { plugin: self.plugin.id.clone(), because: self.because }
    }

    fn required(&self) -> Error {
        let (id, because) = (&self.plugin.id, self.because.as_str());
        let why = format!(
            "the plugin `{id}` cannot say what the purchase is worth ({because}), and the program \
             records none without it: send it again later"
        );
        Error::new(Code::Unavailable, why)
    }

    /// Whether it was not asked because nobody may ask it now.
    pub(crate) const fn is_off_duty(&self) -> bool {
        matches!(self.because, MissingBecause::Paused | MissingBecause::Quarantined)
    }

    /// Whether it is the plugin's own fault, and shows at every call.
    const fn is_its_own(&self) -> bool {
        matches!(self.because, MissingBecause::Failed)
    }
}

/// What becomes of plugins that have failed at purchases which are recorded now: each is left alone if
/// it fails over too many members.
pub(crate) async fn judge(context: &Context, program: &Program, missed: &[Missed]) {
    let mut judged: Vec<&str> = Vec::new();
    for Missed { plugin, report, .. } in missed.iter().filter(|missed| missed.is_its_own()) {
        let (Some(report), false) = (report, judged.contains(&plugin.id.as_str())) else {
            continue;
        };
        judged.push(&plugin.id);
        if let Err(error) = breaker::judge(context, program, plugin, report).await {
            let (id, detail) = (&plugin.id, error.detail());
            tracing::error!(plugin = id, detail, "a plugin could not be judged");
        }
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

fn too_slow(plugin: &Enabled) -> Fault {
    let why = format!(
        "plugin `{}`, appraise: gave no answer in the time that a purchase has for it",
        plugin.id
    );
    Fault::new(FaultKind::Timeout, why)
}

/// What the platform makes of proposals that the plugin may make.
fn allowed(
    plugin: &Enabled,
    readers: Readers<'_>,
    proposed: Vec<Proposal>,
) -> Result<Vec<PluginProposal>, Fault> {
    let granted = grant_proposals(&plugin.component.manifest, readers, proposed)
        .map_err(|why| Fault::of_call(FaultKind::NotAllowed, &plugin.id, "appraise", &why))?;
    let proposal = |proposal: runtime::Proposed| PluginProposal {
        plugin: plugin.id.clone(),
        digest: plugin.component.digest.clone(),
        key: proposal.key,
        points: Points::new(proposal.points),
        reason: proposal.reason,
    };
    Ok(granted.into_iter().map(proposal).collect())
}
