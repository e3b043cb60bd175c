//! The plugin's component in the real sandbox, each call made twice.

use perennial_contract::call::{Context, Event, Member, Purchase, StoredRecord};
use perennial_contract::look_up::Known;
use perennial_contract::{Action, Fault, FaultKind, Proposal, Run};
use perennial_core::plugins::{Component, Runtime};
use perennial_plugin_host::Host;
use perennial_simulation::Engine;
use serde_json::Value;
use std::cell::Cell;
use std::sync::Arc;
use tokio::runtime::Handle;

/// A component, and the most that one of its calls took.
pub(super) struct Sandbox {
    host: Arc<Host>,
    handle: Handle,
    component: Component,
    most: Cell<Most>,
}

/// The most of each, over all calls.
#[derive(Clone, Copy, Default)]
pub(super) struct Most {
    pub(super) fuel: u64,
    /// In bytes.
    pub(super) memory: usize,
    /// Actions, or proposals.
    pub(super) items: usize,
    pub(super) log_lines: usize,
}

impl Sandbox {
    pub(super) fn of(host: Arc<Host>, handle: Handle, component: Component) -> Self {
        Self { host, handle, component, most: Cell::default() }
    }

    pub(super) const fn most(&self) -> Most {
        self.most.get()
    }

    /// Makes a call twice. What a plugin answers must follow from what it is told, or the platform
    /// could not try it again.
    fn twice<T: PartialEq>(
        &self,
        hook: &str,
        items: impl FnOnce(&T) -> usize,
        call: impl AsyncFn() -> Result<Run<T>, Fault>,
    ) -> Result<Run<T>, Fault> {
        let (first, second) = self.handle.block_on(async { (call().await, call().await) });
        let differs = match (&first, &second) {
            (Ok(first), Ok(second)) => {
                let answers = (&first.output, &first.log) == (&second.output, &second.log);
                (!answers || first.fuel != second.fuel).then(|| {
                    let what = if answers { "takes different work" } else { "answers differently" };
                    format!("{what} when it is asked the same twice")
                })
            }
            (Err(first), Err(second)) => (first.message != second.message)
                .then(|| format!("fails differently when it is asked the same twice: {second}")),
            _ => Some("fails on one of two calls that are the same".to_owned()),
        };
        if let Some(why) = differs {
            let id = &self.component.manifest.id;
            return Err(Fault::of_call(FaultKind::Garbage, id, hook, &why));
        }
        let run = first?;
        let most = self.most.get();
        self.most.set(Most {
            fuel: most.fuel.max(run.fuel),
            memory: most.memory.max(run.memory),
            items: most.items.max(items(&run.output)),
            log_lines: most.log_lines.max(run.log.len()),
        });
        Ok(run)
    }
}

impl Engine for Sandbox {
    fn on_event(
        &self,
        context: &Context,
        member: &Member,
        event: &Event,
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Action>>, Fault> {
        let known = &**known;
        let call =
            async || self.host.on_event(&self.component, context, Some(member), event, known).await;
        self.twice("on-event", Vec::len, call)
    }

    fn appraise(
        &self,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Proposal>>, Fault> {
        let known = &**known;
        let call =
            async || self.host.appraise(&self.component, context, member, purchase, known).await;
        self.twice("appraise", Vec::len, call)
    }

    fn view(
        &self,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
        known: &Arc<Known>,
    ) -> Result<Run<Value>, Fault> {
        let known = &**known;
        let call = async || self.host.view(&self.component, context, member, records, known).await;
        self.twice("view", |_| 0, call)
    }
}
